import { createRandom, hash, type Random } from "./random.ts";
import type { SubgraphText } from "./supergraph.ts";
import {
  drawLeafType,
  drawModel,
  type EntityModel,
  type FieldModel,
  type Home,
  type SupergraphModel,
  wrap,
} from "./supergraph-model.ts";

/**
 * Makes the subgraphs of a supergraph. They do not always compose.
 *
 * @param hasConflicts whether there is much that may get in each other's way in a plan
 */
export function generateSubgraphs(random: Random, hasConflicts: boolean): SubgraphText[] {
  const model = drawModel(random, hasConflicts);
  const writing: Writing = { model, random, computed: new Set(), kins: new Map() };
  const start = hasConflicts ? random.below(model.subgraphs.length) : 0;
  // What is computed needs what others compute that are written before.
  const order = [...model.subgraphs.slice(start), ...model.subgraphs.slice(0, start)];
  return order.map((name) => ({ name, sdl: new SubgraphWriter(name, writing).write() }));
}

interface Writing {
  readonly model: SupergraphModel;
  readonly random: Random;
  /** Computed fields of the subgraphs that are written. */
  readonly computed: Set<string>;
  /** Types of the fields that all types of a subgraph have, by its name: of those that are written. */
  readonly kins: Map<string, string>;
}

class SubgraphWriter {
  readonly #name: string;
  readonly #model: SupergraphModel;
  readonly #random: Random;
  readonly #computed: Set<string>;
  /** Fields that others have, and that this subgraph gives with some of its references. */
  readonly #provided = new Map<string, string>();
  /** The type of a field that all types of this subgraph have; or none. */
  readonly #kin: string | null;
  readonly #kins: Map<string, string>;
  /** Computed fields of others that are required of what refers to an entity, by the entity's name. */
  readonly #required = new Map<string, Set<string>>();

  constructor(name: string, { model, random, computed, kins }: Writing) {
    this.#name = name;
    this.#model = model;
    this.#random = random;
    this.#computed = computed;
    this.#kins = kins;
    this.#kin = model.hasConflicts ? wrap(this.#reference(), random) : null;
  }

  write(): string {
    const { entities, withNode, media, values } = this.#model;
    const lines = entities.map((entity) => this.#entityLines(entity));
    const types = entities.map((entity, index) => this.#entity(entity, lines[index] ?? new Map()));
    if (this.#kin !== null) this.#kins.set(this.#name, this.#kin);
    const parts = [
      values,
      ...(entities.some((entity) => this.#hasParts(entity)) ? [this.#part()] : []),
      `type Box_${this.#name} { n: Int label: String! e: ${this.#reference()} any: [[Any]] v: V ${this.#kinField()} }`,
      `type Query { ${this.#roots().join("\n  ")} }`,
      `type Mutation { ${this.#mutations().join("\n  ")} }`,
      ...types,
    ];
    if (withNode.has(this.#name)) {
      parts.push("interface Base { id: ID! }");
      parts.push("interface Node implements Base { id: ID! label: String rank(n: Int): [Int] peer: Node }");
    }
    if (entities.length > 1)
      parts.push(`union Either = ${entities.map((entity) => entity.name).join(" | ")} | Box_${this.#name}`);
    if (media?.owner === this.#name) parts.push(mediaTypes(this.#model));
    if (media?.objects.includes(this.#name) === true) parts.push(this.#mediaObject());
    return parts.join("\n");
  }

  /** A part of a value: what is told of one has to be put together. */
  #part(): string {
    return `type Part @shareable { n: Int ${this.#name}Size: Int! ${this.#name}Sub: [W] }`;
  }

  #kinField(): string {
    return this.#kin === null ? "" : `${this.#name}Kin(n: Int): ${this.#kin}`;
  }

  #hasParts(entity: EntityModel): boolean {
    const { entities, parts } = this.#model;
    return parts !== null && entities[0] === entity && entity.homes.get(this.#name)?.isStub === false;
  }

  #reference(): string {
    return this.#random.pick(this.#model.entities).name;
  }

  #roots(): string[] {
    const { entities, withNode, media } = this.#model;
    const random = this.#random;
    const name = this.#name;
    const roots = [
      this.#withProvided(`${name}One(n: Int)`, this.#reference()),
      this.#withProvided(`${name}Many(n: Int, c: Color = RED)`, wrap(this.#reference(), random)),
      this.#withProvided(
        `${name}Find(f: Filter, ids: [ID!], c: [Color!] = [RED])`,
        wrap(this.#reference(), random),
      ),
      `${name}Leaf(any: Any, x: Float): ${drawLeafType(random)}`,
      `${name}Box: ${wrap(`Box_${name}`, random)}`,
      `common(n: Int = 1): ${entities[0]?.name ?? ""} @shareable`,
    ];
    if (withNode.has(name)) roots.push(`${name}Node(n: Int): ${wrap("Node", random)}`);
    if (entities.length > 1) roots.push(`${name}Any: ${wrap("Either", random)}`);
    if (media?.owner === name || media?.objects.includes(name) === true)
      roots.push(`${name}Media(n: Int): ${wrap("Media", random)}`);
    return roots;
  }

  #mutations(): string[] {
    const name = this.#name;
    return [
      `${name}Do(n: Int!): ${this.#reference()}`,
      `${name}Set(f: Filter): ${drawLeafType(this.#random)}`,
      `${name}Add(ids: [ID!]!): [${this.#reference()}!]!`,
    ];
  }

  #entityLines(entity: EntityModel): Map<string, string> {
    const home = entity.homes.get(this.#name) as Home;
    const withNode = this.#model.withNode.has(this.#name);
    const lines = this.#keyLines(entity, home);
    if (withNode) {
      lines.set("label", "label: String @shareable");
      lines.set("rank", "rank(n: Int): [Int] @shareable");
      lines.set("peer", "peer: Node @shareable");
    }
    if (!home.isStub) {
      for (const field of entity.fields) this.#addField(lines, entity, field);
      if (this.#hasParts(entity)) lines.set("parts", `parts: ${this.#model.parts} @shareable`);
      this.#addReferences(lines, entity);
      this.#addComputed(lines, entity, "Sum");
      if (this.#kin !== null) for (const what of ["Avg", "Max"]) this.#addComputed(lines, entity, what);
    }
    return lines;
  }

  #entity(entity: EntityModel, lines: Map<string, string>): string {
    const home = entity.homes.get(this.#name) as Home;
    const withNode = this.#model.withNode.has(this.#name);
    for (const field of this.#required.get(entity.name) ?? []) lines.set(field, `${field}: String @external`);
    const keys = [
      ...home.unresolvable.map((key) => `@key(fields: "${key}", resolvable: false)`),
      ...(home.isStub ? [] : home.keys.map((key) => `@key(fields: "${key}")`)),
    ];
    return [
      `type ${entity.name}${withNode ? " implements Node & Base" : ""} ${keys.join(" ")} {`,
      ...lines.values(),
      "}",
    ].join("\n  ");
  }

  #keyLines(entity: EntityModel, { keys, unresolvable }: Home): Map<string, string> {
    const lines = new Map<string, string>();
    const text = [...keys, ...unresolvable].join(" ").replace(/org \{.*?\}( \})?/g, "org");
    const isKey = (field: string) => text.split(" ").includes(field);
    if (isKey("id")) lines.set("id", "id: ID!");
    else if (this.#model.withNode.has(this.#name) || this.#random.chance(0.5))
      lines.set("id", "id: ID! @shareable");
    if (isKey("sku")) lines.set("sku", `sku: String!`);
    if (isKey("no")) lines.set("no", "no: Int!");
    if (isKey("org")) lines.set("org", "org: Org!");
    return lines;
  }

  #addField(lines: Map<string, string>, entity: EntityModel, field: FieldModel): void {
    const { name, args, type, owners, formerOwner } = field;
    if (formerOwner === this.#name) lines.set(name, `${name}${args}: ${type}`);
    if (!owners.includes(this.#name)) return;
    const isShared = owners.length > 1 || isProvidable(field, entity);
    // One of those who share a field may promise less.
    const promised = owners.length > 1 && this.#random.chance(0.2) ? type.replace(/!$/, "") : type;
    const moved = formerOwner === null ? "" : ` @override(from: "${formerOwner}")`;
    lines.set(name, `${name}${args}: ${promised}${isShared ? " @shareable" : ""}${moved}`);
  }

  #addReferences(lines: Map<string, string>, entity: EntityModel): void {
    const random = this.#random;
    const name = this.#name;
    const providable = entity.fields.find(
      (field) => isProvidable(field, entity) && !field.owners.includes(name) && field.formerOwner !== name,
    );
    if (providable !== undefined && random.chance(0.85)) {
      lines.set(providable.name, `${providable.name}: ${providable.type} @external`);
      this.#provided.set(entity.name, `${providable.name}${selectionOf(providable.type)}`);
    }
    if (this.#kin !== null) lines.set(`${name}Kin`, this.#kinField());
    lines.set(`${name}Next`, this.#withProvided(`${name}Next(n: Int)`, wrap(entity.name, random)));
    if (random.chance(0.4)) lines.set(`${name}Peer`, `${name}Peer: ${wrap(this.#reference(), random)}`);
    if (random.chance(0.3)) lines.set(`${name}Box`, `${name}Box: ${wrap(`Box_${name}`, random)}`);
    if (this.#model.entities.length > 1 && random.chance(0.3))
      lines.set(`${name}Either`, `${name}Either: ${wrap("Either", random)}`);
    if (this.#model.withNode.has(name) && random.chance(0.5))
      lines.set(`${name}Near`, `${name}Near: ${wrap("Node", random)}`);
  }

  /** A field that needs fields of others, with or without arguments; it may need one that is computed itself. */
  #addComputed(lines: Map<string, string>, entity: EntityModel, what: string): void {
    const random = this.#random;
    const own = this.#name;
    const foreign = entity.fields.filter(
      ({ name }) =>
        !lines.has(name) || (this.#kin !== null && lines.get(name)?.endsWith("@external") === true),
    );
    if (foreign.length === 0 || !random.chance(0.75)) return;
    const needed = random.some(foreign, 0.4);
    const selections = needed.map((field) => {
      lines.set(field.name, `${field.name}${field.args}: ${field.type} @external`);
      // The same for all who require it, where nothing is to get in each other's way.
      const by = this.#kin === null ? createRandom(hash(`${entity.name} ${field.name}`)) : random;
      return `${field.name}${argumentOf(field.args, by)}${selectionOf(field.type, this.#kin === null ? null : random)}`;
    });
    const others = [...this.#computed].filter((name) => !name.startsWith(own) && name.endsWith(entity.name));
    const last = others.at(-1);
    const before =
      this.#kin !== null ? random.some(others, 0.4) : last !== undefined && random.chance(0.5) ? [last] : [];
    for (const field of before) {
      lines.set(field, `${field}: String @external`);
      selections.push(field);
    }
    if (random.chance(0.3)) selections.push(...this.#requireOfKin(lines));
    const name = `${own}${what}${entity.name}`;
    lines.set(name, `${name}: String @requires(fields: "${selections.join(" ")}")`);
    this.#computed.add(name);
  }

  /** What is required of entities that another subgraph's field refers to: a field that is computed of others. */
  #requireOfKin(lines: Map<string, string>): string[] {
    const random = this.#random;
    const kins = [...this.#kins].filter(([name]) => name !== this.#name);
    if (this.#kin === null || kins.length === 0) return [];
    const [name, type] = random.pick(kins);
    const entity = type.replace(/\W/g, "");
    const fields = [...this.#computed].filter(
      (each) => !each.startsWith(this.#name) && each.endsWith(entity),
    );
    if (fields.length === 0) return [];
    const field = random.pick(fields);
    lines.set(`${name}Kin`, `${name}Kin(n: Int): ${type} @external`);
    this.#required.set(entity, (this.#required.get(entity) ?? new Set()).add(field));
    return [`${name}Kin(n: ${random.below(2)}) { ${field} }`];
  }

  #withProvided(field: string, type: string): string {
    const provides = this.#provided.get(type.replace(/\W/g, ""));
    return `${field}: ${type}${provides === undefined ? "" : ` @provides(fields: "${provides}")`}`;
  }

  #mediaObject(): string {
    const random = this.#random;
    const computed =
      this.#kin !== null
        ? `title(n: Int): String @external
  ${this.#name}Rated: String @requires(fields: "title(n: 1)")
  ${this.#name}Graded: String @requires(fields: "title${random.pick(["", "(n: 1)", "(n: 2)"])}")`
        : random.chance(0.6)
          ? `title: String @external\n  ${this.#name}Rated: String @requires(fields: "title")`
          : "";
    const isNested = this.#model.media?.isNested === true;
    const around = isNested ? `type Media @key(fields: "id") @interfaceObject { id: ID! }\n` : "";
    return `${around}type ${isNested ? "Reel" : "Media"} @key(fields: "id") @interfaceObject {
  id: ID!
  ${this.#name}Score(n: Int): Int
  ${this.#name}About: ${wrap(this.#reference(), random)}
  ${this.#name}Like: ${wrap("Media", random)}
  ${computed}
}`;
  }
}

function mediaTypes({ hasConflicts, media }: SupergraphModel): string {
  const fields = `id: ID! title${hasConflicts ? "(n: Int)" : ""}: String more: Media`;
  const reel =
    media?.isNested === true ? `interface Reel implements Media @key(fields: "id") { ${fields} }` : "";
  return `
${reel}
interface Media @key(fields: "id") { ${fields} }
type Book implements Media @key(fields: "id") { ${fields} pages: Int! v: [V!] }
type Film implements Media${reel === "" ? "" : " & Reel"} @key(fields: "id") { ${fields} length: Float v: [V] }`;
}

/** Whether others may give the field with a reference to the entity. */
function isProvidable({ args, owners, formerOwner, name }: FieldModel, { fields }: EntityModel): boolean {
  const first = fields.find(
    (field) => field.args === "" && field.owners.length > 0 && field.formerOwner === null,
  );
  return first?.name === name && args === "" && owners.length > 0 && formerOwner === null;
}

/** What is required or provided of a value; a part of it where that is drawn. */
function selectionOf(type: string, random: Random | null = null): string {
  if (type.includes("V")) return random?.chance(0.5) === true ? " { y at(n: 2) }" : " { x y z { n } }";
  return type.includes("W") ? " { n deep }" : "";
}

/** Arguments of a required field. */
function argumentOf(args: string, random: Random): string {
  if (random.chance(0.3)) return "";
  if (args.includes("f: Filter"))
    return random.pick(["(f: { n: 1, c: BLUE })", "(f: {})", "(f: { sub: { tags: [] } })"]);
  if (args.includes("s: String")) return `(s: 'v${random.below(3)}')`.replaceAll("'", '\\"');
  if (args.includes("ids:")) return random.pick(["(ids: [1, 2])", "(on: false)"]);
  if (args.includes("x: Float")) return random.pick(["(x: 1)", "(any: { k: [1] })"]);
  if (args.includes("c: Color")) return random.pick(["(c: GREEN)", "(c: RED, n: 1)"]);
  return args.includes("n: Int") ? `(n: ${random.below(3)})` : "";
}

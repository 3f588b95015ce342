import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import type { Random } from "./random.ts";

/** A subgraph, as SDL without the link to Federation. */
export interface SubgraphText {
  readonly name: string;
  readonly sdl: string;
  /** Names of the fields that a field requires, by `Type.field`. */
  readonly requires: ReadonlyMap<string, readonly string[]>;
}

export interface GeneratedSupergraph {
  readonly sdl: string;
  readonly subgraphs: readonly SubgraphText[];
}

interface Entity {
  readonly name: string;
  readonly keys: readonly string[];
  readonly fields: readonly Field[];
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly args: string;
}

const KEY_CHOICES = [["id"], ["id sku"], ["id", "sku"], ["id", "org { id }"], ["sku", "org { id }"]] as const;
const WRAPPERS = ["T", "T", "T!", "[T]", "[T!]!", "[T]!", "[[T]]", "[[T!]!]"] as const;
const LEAVES = ["Int", "Float", "String", "Boolean", "ID", "Color", "Any"] as const;
const SHARED = `
enum Color { RED GREEN }
scalar Any
type V @shareable { x: Int y: String! z: [W!] }
type W @shareable { n: Float! deep: [[Int!]] }
type Org @shareable { id: ID! }`;
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires",
  "@external", "@provides", "@shareable", "@override", "@interfaceObject"])\n`;

/** Makes a supergraph, or null where the choices do not compose. */
export function generateSupergraph(random: Random): GeneratedSupergraph | null {
  return composeSubgraphs(generateSubgraphs(random));
}

/** Composes subgraphs, or gives null where they do not compose. */
export function composeSubgraphs(subgraphs: readonly SubgraphText[]): GeneratedSupergraph | null {
  const { supergraphSdl } = composeServices(
    subgraphs.map(({ name, sdl }) => ({
      name,
      url: `http://${name}.test/graphql`,
      typeDefs: parse(LINK + sdl),
    })),
  );
  return supergraphSdl === undefined ? null : { sdl: supergraphSdl, subgraphs };
}

function generateSubgraphs(random: Random): SubgraphText[] {
  const names = ["a", "b", "c", "d"].slice(0, 2 + random.below(3));
  const entities = ["E", "F", "G"].slice(0, 1 + random.below(3)).map((name) => generateEntity(name, random));
  const interfaces = new Set(random.some(names, 0.4));
  const providers = new Map(
    entities.flatMap(({ name, fields }) =>
      fields.map((field) => [`${name}.${field.name}`, random.some(names, 0.25)]),
    ),
  );
  const hasMedia = random.chance(0.6);
  return names.map((name, index) => {
    const requires = new Map<string, readonly string[]>();
    const types = entities.map((entity) =>
      writeEntity(entity, { name, names, providers, random, requires, withInterface: interfaces.has(name) }),
    );
    const reference = () => random.pick(entities).name;
    const roots = [
      `${name}One(n: Int): ${reference()}`,
      `${name}Many(n: Int, c: Color = RED): ${wrap(reference(), random)}`,
      `${name}Leaf: ${wrap(random.pick(LEAVES), random)}`,
      ...(interfaces.has(name) ? [`${name}Node(n: Int): ${wrap("Node", random)}`] : []),
      ...(entities.length > 1 ? [`${name}Any: ${wrap("Either", random)}`] : []),
      ...(hasMedia && index < 2 ? [`${name}Media: ${wrap("Media", random)}`] : []),
    ];
    const parts = [
      SHARED,
      `type Query { ${roots.join(" ")} }`,
      `type Mutation { ${name}Do(n: Int!): ${reference()} ${name}Set(v: String): Int }`,
      ...types,
      ...(interfaces.has(name) ? ["interface Node { id: ID! label: String }"] : []),
      ...(entities.length > 1 ? [`union Either = ${entities.map((entity) => entity.name).join(" | ")}`] : []),
      ...(hasMedia && index === 0 ? [MEDIA] : []),
      ...(hasMedia && index === 1
        ? [`type Media @key(fields: "id") @interfaceObject { id: ID! score: Int about: ${reference()} }`]
        : []),
    ];
    return { name, sdl: parts.join("\n"), requires };
  });
}

const MEDIA = `
interface Media @key(fields: "id") { id: ID! title: String }
type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int! }
type Film implements Media @key(fields: "id") { id: ID! title: String length: Float }`;

function generateEntity(name: string, random: Random): Entity {
  const count = 3 + random.below(4);
  const fields = Array.from({ length: count }, (_, index) => {
    const base = random.chance(0.65) ? random.pick(LEAVES) : "V";
    const args = random.chance(0.25) ? "(n: Int)" : "";
    // Some names are common to all types, so that selections of unions and interfaces meet.
    const own = random.chance(0.5) ? `f${index}` : `${name.toLowerCase()}${index}`;
    return { name: own, type: wrap(base, random), args };
  });
  return { name, keys: random.pick(KEY_CHOICES), fields };
}

interface Writing {
  readonly name: string;
  readonly names: readonly string[];
  /** The subgraphs that have a field. */
  readonly providers: ReadonlyMap<string, readonly string[]>;
  readonly random: Random;
  readonly requires: Map<string, readonly string[]>;
  readonly withInterface: boolean;
}

function writeEntity(entity: Entity, writing: Writing): string {
  const { name, names, providers, random, requires, withInterface } = writing;
  const keys = random.some(entity.keys, 0.7);
  const lines = new Map<string, string>();
  const keyText = keys.join(" ");
  lines.set("id", /\bid\b(?! })/.test(keyText) ? "id: ID!" : "id: ID! @shareable");
  if (keyText.includes("sku")) lines.set("sku", "sku: String!");
  if (keyText.includes("org")) lines.set("org", "org: Org!");
  if (withInterface) lines.set("label", "label: String @shareable");
  for (const field of entity.fields) {
    const owners = providers.get(`${entity.name}.${field.name}`) ?? [];
    if (!owners.includes(name)) continue;
    lines.set(
      field.name,
      `${field.name}${field.args}: ${field.type}${owners.length > 1 ? " @shareable" : ""}`,
    );
  }
  // Apollo Gateway sends nulls for required lists of lists of objects; known-differences.test.ts has the right answer.
  const foreign = entity.fields.filter(({ name: field, type }) => !lines.has(field) && !/\[\[V/.test(type));
  if (foreign.length > 0 && random.chance(0.7)) {
    const needed = random.some(foreign, 0.4);
    const selection = needed.map((field) => {
      lines.set(field.name, `${field.name}${field.args}: ${field.type} @external`);
      const args = field.args === "" || random.chance(0.4) ? "" : `(n: ${random.below(3)})`;
      return `${field.name}${args}${field.type.includes("V") ? " { x y z { n } }" : ""}`;
    });
    const computed = `${name}Computed${entity.name}`;
    lines.set(computed, `${computed}: ${wrap("String", random)} @requires(fields: "${selection.join(" ")}")`);
    requires.set(
      `${entity.name}.${computed}`,
      needed.map((field) => field.name),
    );
  }
  lines.set(`${name}Next`, `${name}Next(n: Int): ${wrap(entity.name, random)}`);
  const overridden = random.chance(0.15) ? names[names.indexOf(name) - 1] : undefined;
  if (overridden !== undefined) lines.set("moved", `moved: Int @override(from: "${overridden}")`);
  return [
    `type ${entity.name}${withInterface ? " implements Node" : ""} ${keys.map((key) => `@key(fields: "${key}")`).join(" ")} {`,
    ...lines.values(),
    "}",
  ].join("\n");
}

function wrap(type: string, random: Random): string {
  return random.pick(WRAPPERS).replace("T", type);
}

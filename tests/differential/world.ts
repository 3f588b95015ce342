import {
  type FieldDefinitionNode,
  type FieldNode,
  getArgumentValues,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  type TypeNode,
} from "graphql";
import { hash } from "./random.ts";
import type { SubgraphText } from "./supergraph.ts";
import { leafValue } from "./world-leaves.ts";

/** An object of the world: an entity by its type and id, or a value whose id is a number of its own. */
export interface WorldObject {
  readonly type: string;
  readonly id: string;
}
/** Null, JSON of a leaf, an object, or a list of these; which one it is follows from the field's type. */
export type WorldValue = unknown;

/** What a field's value follows from, beside the object. */
export interface Asked {
  readonly args: Readonly<Record<string, unknown>>;
  /** What the field is computed of. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** The mutations that were run before; the field's own with them. Everything but what entities are known by follows from it. */
  readonly before?: string;
}

interface WorldField {
  /** No subgraph promises more. */
  type: TypeNode;
  /** The object types of an abstract type that all subgraphs with the field know. */
  possible: readonly string[] | null;
  /** What it is computed of. */
  requires: SelectionSetNode | null;
}

/**
 * The truth that all subgraphs tell parts of. Each value follows from the object, the field, its arguments, and what it
 * is computed of; so whoever asks for it, and by which way, gets the same.
 */
export class World {
  readonly #fields = new Map<string, WorldField>();
  readonly #enumValues = new Map<string, string[]>();
  readonly #entities = new Set<string>();
  /** Object types by interface, for interfaces that are entities. */
  readonly #families = new Map<string, string[]>();
  readonly #familiesOf = new Map<string, string[]>();
  readonly #schema: GraphQLSchema;

  /** @param schema what clients see of all subgraphs */
  constructor(subgraphs: readonly SubgraphText[], schema: GraphQLSchema) {
    this.#schema = schema;
    for (const subgraph of subgraphs) this.#learn(subgraph);
    for (const [name, members] of this.#families) {
      members.sort();
      for (const member of members)
        this.#familiesOf.set(member, [...(this.#familiesOf.get(member) ?? []), name].sort());
    }
  }

  isEntity(type: string): boolean {
    return this.#entities.has(type);
  }

  /** The object type of an entity that is known by its interface. */
  typeOf(name: string, id: string): string {
    const members = this.#families.get(name);
    return members === undefined ? name : (members[hash(`type ${id}`) % members.length] as string);
  }

  /** The interface that an entity is known by in some subgraph, or its own type; the first one of several. */
  familyOf(type: string): string {
    // An interface within another one is of that one's family.
    const [member = type] = this.#families.get(type) ?? [];
    return this.#familiesOf.get(member)?.[0] ?? type;
  }

  /** What a field is computed of. */
  requires(type: string, field: string): SelectionSetNode | null {
    return this.#field(type, field)?.requires ?? null;
  }

  value(object: WorldObject, field: string, asked: Asked): WorldValue {
    const known = this.#field(object.type, field);
    if (known === undefined) throw new Error(`The world has no ${object.type}.${field}.`);
    const key = keyField(object, field);
    if (key !== undefined) return key;
    const inputs =
      asked.inputs ??
      (known.requires === null ? undefined : this.select(object, known.requires, asked.before));
    const about = [
      this.familyOf(object.type),
      object.id,
      field,
      canonical(asked.args),
      inputs === undefined ? "" : canonical(inputs),
      asked.before ?? "",
    ].join(" ");
    return this.#valueOf(known.type, about, known);
  }

  /**
   * What a selection of required fields, as of `@requires` and `@key`, gives of an object: JSON.
   *
   * @param before the mutations that were run before
   */
  select(object: WorldObject, selectionSet: SelectionSetNode, before = ""): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value === "__typename") continue;
        const args = this.#args(object, selection);
        const value = this.value(object, selection.name.value, { args, before });
        result[selection.name.value] = this.#within(value, selection.selectionSet, before);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        if (condition === undefined || this.applies(condition, object.type))
          Object.assign(result, this.select(object, selection.selectionSet, before));
      }
    }
    return result;
  }

  applies(condition: string, type: string): boolean {
    if (condition === type) return true;
    const abstract = this.#schema.getType(condition);
    const object = this.#schema.getType(type);
    return isInterfaceType(abstract) && isObjectType(object) && this.#schema.isSubType(abstract, object);
  }

  #within(value: WorldValue, selectionSet: SelectionSetNode | undefined, before: string): unknown {
    if (selectionSet === undefined || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#within(item, selectionSet, before));
    return this.select(value as WorldObject, selectionSet, before);
  }

  #args(object: WorldObject, field: FieldNode): Record<string, unknown> {
    const type = this.#schema.getType(object.type);
    // An interface is a type of objects, where a subgraph does not know theirs.
    const definition =
      isObjectType(type) || isInterfaceType(type) ? type.getFields()[field.name.value] : undefined;
    return definition === undefined ? {} : getArgumentValues(definition, field);
  }

  #field(type: string, field: string): WorldField | undefined {
    for (const owner of [type, ...(this.#familiesOf.get(type) ?? [])]) {
      const known = this.#fields.get(`${owner}.${field}`);
      if (known !== undefined) return known;
    }
    return undefined;
  }

  #valueOf(type: TypeNode, about: string, field: WorldField): WorldValue {
    if (type.kind === Kind.NON_NULL_TYPE) return this.#presentValue(type.type, about, field);
    return hash(about) % 7 === 0 ? null : this.#presentValue(type, about, field);
  }

  #presentValue(type: TypeNode, about: string, field: WorldField): WorldValue {
    if (type.kind === Kind.NON_NULL_TYPE) return this.#presentValue(type.type, about, field);
    const number = hash(`value ${about}`);
    if (type.kind === Kind.LIST_TYPE) {
      return Array.from({ length: lengthOf(number, about) }, (_, index) =>
        this.#valueOf(type.type, `${about}/${index}`, field),
      );
    }
    const name = type.name.value;
    const values = this.#enumValues.get(name);
    if (values !== undefined) return values[number % values.length];
    const possible = field.possible;
    if (possible === null && !this.#isComposite(name)) return leafValue(name, number);
    const id = String(number % 4);
    const chosen = possible === null ? name : (possible[(number >>> 4) % possible.length] as string);
    if (!this.isEntity(chosen)) return { type: chosen, id: String(number) };
    return { type: this.typeOf(this.familyOf(chosen), id), id };
  }

  #isComposite(name: string): boolean {
    const type = this.#schema.getType(name);
    return isObjectType(type) || isInterfaceType(type);
  }

  #learn({ sdl }: SubgraphText): void {
    const { definitions } = parse(sdl, { noLocation: true });
    const possible = new Map<string, string[]>();
    const add = (abstract: string, name: string) =>
      possible.set(abstract, [...(possible.get(abstract) ?? []), name]);
    for (const definition of definitions) {
      if (definition.kind === Kind.UNION_TYPE_DEFINITION)
        for (const member of definition.types ?? []) add(definition.name.value, member.name.value);
      if (definition.kind === Kind.OBJECT_TYPE_DEFINITION)
        for (const each of definition.interfaces ?? []) add(each.name.value, definition.name.value);
      if (definition.kind === Kind.ENUM_TYPE_DEFINITION) {
        const names = (definition.values ?? []).map((value) => value.name.value);
        this.#enumValues.set(definition.name.value, names);
      }
    }
    for (const definition of definitions) {
      const isInterface = definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && !isInterface) continue;
      const name = definition.name.value;
      const hasKey = (definition.directives ?? []).some((directive) => directive.name.value === "key");
      if (hasKey) this.#entities.add(name);
      if (hasKey && isInterface) this.#families.set(name, possible.get(name) ?? []);
      if (!isInterface) for (const field of definition.fields ?? []) this.#learnField(name, field, possible);
    }
  }

  #learnField(
    owner: string,
    field: FieldDefinitionNode,
    possibleTypes: ReadonlyMap<string, readonly string[]>,
  ) {
    const coordinate = `${owner}.${field.name.value}`;
    const directive = (name: string) => field.directives?.find((each) => each.name.value === name);
    const requires = directive("requires")?.arguments?.[0]?.value;
    const isOwn = directive("external") === undefined;
    const possible = isOwn ? (possibleTypes.get(namedType(field.type)) ?? null) : null;
    const fieldSet = requires?.kind === Kind.STRING ? parseFieldSet(requires.value) : null;
    const known = this.#fields.get(coordinate);
    if (known !== undefined) {
      known.type = strictest(known.type, field.type);
      known.requires ??= fieldSet;
      if (possible !== null)
        known.possible = (known.possible ?? possible).filter((name) => possible.includes(name));
      return;
    }
    this.#fields.set(coordinate, {
      type: field.type,
      possible,
      requires: fieldSet,
    });
  }
}

/** Lists are short, so that there are many cases; but now and then, a root field has a long one. */
function lengthOf(number: number, about: string): number {
  return about.startsWith("Query") && number % 25 === 0 ? 30 + (number % 90) : number % 4;
}

/** Reads the text of a field set, as in `@key(fields: "id")`. */
export function parseFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`No field set: ${text}`);
  return definition.selectionSet;
}

/** JSON with sorted keys, and without type names. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    const entries = Object.entries(item).filter(([name]) => name !== "__typename");
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** The values of fields that entities are known by. */
function keyField({ id }: WorldObject, field: string): WorldValue {
  switch (field) {
    case "id":
      return id;
    case "sku":
      return `sku-${id}`;
    case "no":
      return 100 + Number(id);
    case "org":
      return { type: "Org", id };
    case "dept":
      return { type: "Dept", id };
    default:
      return undefined;
  }
}

/** The id of the entity that a representation is about, by whichever key; undefined where there is none. */
export function idOf(representation: Readonly<Record<string, unknown>>): string | undefined {
  const { id, sku, no, org } = representation;
  if (typeof id === "string") return id;
  if (typeof sku === "string" && sku.startsWith("sku-")) return sku.slice(4);
  if (typeof no === "number") return String(no - 100);
  if (typeof org === "object" && org !== null) return idOf(org as Record<string, unknown>);
  return undefined;
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

function strictest(one: TypeNode, other: TypeNode): TypeNode {
  const required = one.kind === Kind.NON_NULL_TYPE || other.kind === Kind.NON_NULL_TYPE;
  const [a, b] = [one, other].map((type) => (type.kind === Kind.NON_NULL_TYPE ? type.type : type));
  const inner =
    a?.kind === Kind.LIST_TYPE && b?.kind === Kind.LIST_TYPE
      ? ({ kind: Kind.LIST_TYPE, type: strictest(a.type, b.type) } as const)
      : (a as TypeNode);
  return required && inner.kind !== Kind.NON_NULL_TYPE ? { kind: Kind.NON_NULL_TYPE, type: inner } : inner;
}

import type { Random } from "./random.ts";

/** What all subgraphs together are about, before it is given to them. */
export interface SupergraphModel {
  readonly subgraphs: readonly string[];
  readonly entities: readonly EntityModel[];
  /** Subgraphs that know the interface of all entities. */
  readonly withNode: ReadonlySet<string>;
  /** The subgraph with an interface that is an entity, and those that have it as an object. */
  readonly media: MediaModel | null;
  /** The type of a field of the first entity, of whose value each of its subgraphs knows another part; or none. */
  readonly parts: string | null;
  /** Types of values, in all subgraphs. */
  readonly values: string;
  /** Whether fields with arguments, and fields that need these, are many, and several types have fields alike. */
  readonly hasConflicts: boolean;
}

export interface MediaModel {
  readonly owner: string;
  readonly objects: readonly string[];
  /** Whether what the others have of it is of an interface within it, which is an object to them as well. */
  readonly isNested: boolean;
}

export interface EntityModel {
  readonly name: string;
  readonly keys: readonly string[];
  /** The subgraphs that have it, with the keys of each. */
  readonly homes: ReadonlyMap<string, Home>;
  readonly fields: readonly FieldModel[];
}

/** An entity in one subgraph. */
export interface Home {
  readonly keys: readonly string[];
  /** Keys by which the subgraph cannot be asked for the entity. */
  readonly unresolvable: readonly string[];
  /** Whether it is there for references alone. */
  readonly isStub: boolean;
}

export interface FieldModel {
  readonly name: string;
  readonly type: string;
  /** Definitions of arguments, in brackets; or nothing. */
  readonly args: string;
  readonly owners: readonly string[];
  /** A subgraph that had the field before its owner took it over. */
  readonly formerOwner: string | null;
}

const KEY_CHOICES = [
  ["id"],
  ["id sku"],
  ["id", "sku"],
  ["id", "org { id }"],
  ["sku", "org { id dept { no } }"],
  ["no", "id"],
  ["id no", "sku"],
  ["no org { id }", "id"],
] as const;
const WRAPPERS = ["T", "T", "T!", "[T]", "[T!]!", "[T]!", "[[T]]", "[[T!]!]"] as const;
const LEAVES = ["Int", "Float", "String", "Boolean", "ID", "Color", "Any", "Stamp", "String"] as const;
const ARGUMENTS = [
  "(n: Int)",
  "(n: Int = 2)",
  "(c: Color = RED, n: Int)",
  "(s: String)",
  "(f: Filter)",
  "(ids: [ID!], on: Boolean = true)",
  "(x: Float, any: Any)",
] as const;

/** @param hasConflicts whether there is much that may get in each other's way in a plan */
export function drawModel(random: Random, hasConflicts: boolean): SupergraphModel {
  const subgraphs = ["a", "b", "c", "d"].slice(0, 2 + random.below(3));
  const names = ["E", "F", "G"].slice(0, 1 + random.below(3));
  const entities = names.map((name) => drawEntity(name, subgraphs, { random, hasConflicts }));
  const [owner = "a", ...others] = subgraphs;
  return {
    subgraphs,
    entities,
    withNode: new Set(random.some(subgraphs, 0.4)),
    media: random.chance(0.6)
      ? { owner, objects: random.some(others, 0.5), isNested: random.chance(0.25) }
      : null,
    parts: random.chance(0.5) ? wrap("Part", random) : null,
    values: drawValues(random),
    hasConflicts,
  };
}

interface Drawing {
  readonly random: Random;
  readonly hasConflicts: boolean;
}

function drawEntity(
  name: string,
  subgraphs: readonly string[],
  { random, hasConflicts }: Drawing,
): EntityModel {
  const keys = random.pick(KEY_CHOICES);
  const homes = new Map<string, Home>();
  for (const subgraph of subgraphs) {
    const isStub = random.chance(0.1);
    const own = random.some(keys, 0.7);
    const blocked = own.length > 1 && random.chance(0.25) ? random.pick(own) : undefined;
    homes.set(subgraph, {
      keys: own.filter((key) => key !== blocked),
      unresolvable: isStub ? own : own.filter((key) => key === blocked),
      isStub,
    });
  }
  const able = subgraphs.filter((subgraph) => homes.get(subgraph)?.isStub === false);
  const fields = Array.from({ length: 3 + random.below(4) }, (_, index) => {
    // Some names are common to all types, so that selections of unions and interfaces meet.
    const own = random.chance(0.5) ? `f${index}` : `${name.toLowerCase()}${index}`;
    const base = random.chance(0.65) ? random.pick(LEAVES) : random.chance(0.7) ? "V" : "W";
    const owners = able.length === 0 ? [] : random.some(able, 0.25);
    const former = subgraphs.filter((subgraph) => able.includes(subgraph) && !owners.includes(subgraph));
    const isMoved = owners.length === 1 && former.length > 0 && random.chance(0.2);
    return {
      name: own,
      type: wrap(base, random),
      args: random.chance(hasConflicts ? 0.6 : 0.3) ? random.pick(ARGUMENTS) : "",
      owners,
      formerOwner: isMoved ? random.pick(former) : null,
    };
  });
  return { name, keys, homes, fields };
}

function drawValues(random: Random): string {
  const shape = random.chance(0.5) ? "shape: Shape" : "";
  return `
enum Color { RED GREEN BLUE }
scalar Any
scalar Stamp
input Filter { n: Int = 3 c: Color tags: [String!] sub: Filter at: Stamp f: Float = 1.5 ids: [[ID!]] }
union Shape = V | W
type V @shareable { x: Int y: String! z: [W!] at(n: Int = 1): Stamp ${shape} }
type W @shareable { n: Float! deep: [[Int!]] any: Any }
type Org @shareable { id: ID! dept: Dept! }
type Dept @shareable { no: Int! }`;
}

/** A type in one of several wrappings of lists and non-nulls. */
export function wrap(type: string, random: Random): string {
  return random.pick(WRAPPERS).replace("T", type);
}

/** A type of leaves in one of several wrappings. */
export function drawLeafType(random: Random): string {
  return wrap(random.pick(LEAVES), random);
}

import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
} from "graphql";
import type { Tree, TreeObject } from "./answer-tree.ts";
import type { SubgraphKeys } from "./subgraph-keys.ts";
import type { World, WorldObject } from "./world.ts";

/** Decides what goes wrong inside of a subgraph, by what it is about: never by who asks, and in which words. */
export interface ResolverFaults {
  /** Whether a field fails. */
  readonly fails: (about: string) => boolean;
  /** Whether a subgraph does not know an entity. */
  readonly isMissing: (entity: string) => boolean;
  /** Puts a wrong value on the wire in place of a right one; undefined leaves the field out. */
  readonly spoil: (value: Tree, about: string) => Tree | undefined;
  /** Puts something else in an entity's place in the list of entities. */
  readonly spoilEntity: (entity: TreeObject, about: string) => Tree;
}

export interface GraphQLBody {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** What one operation of a client has done so far, in all subgraphs. */
export interface OperationState {
  /** Mutations in the order in which they were run. */
  readonly log: string[];
  readonly faults: ResolverFaults;
  /** What no gateway should ask, when nothing is wrong. */
  readonly complaints: Complaint[];
  /** Names of what was used: of Federation, and of the language. */
  readonly features: Set<string>;
}

export interface SubgraphAnswer {
  /** Absent where the request itself was wrong. */
  readonly data?: Tree;
  readonly errors: readonly SubgraphError[];
}

export interface SubgraphError {
  readonly message: string;
  /** Names and numbers, where it is right. */
  readonly path?: readonly unknown[] | null;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An operation that is known to be valid. */
export interface KnownOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** What a run of an operation needs of its subgraph. */
export interface SubgraphParts {
  readonly name: string;
  readonly schema: GraphQLSchema;
  readonly world: World;
  readonly keys: SubgraphKeys;
}

/** An object as a subgraph holds it. */
export interface Source extends WorldObject {
  /** What the gateway sent of it. */
  readonly representation?: Readonly<Record<string, unknown>>;
  /** Whether the field that it was reached by provides more of it. */
  readonly isProvided?: boolean;
}

/** What a gateway did that it never should, in a case where no subgraph does anything wrong. */
export interface Complaint {
  readonly subgraph: string;
  readonly what: string;
  readonly query?: string;
}

export type Path = readonly (string | number)[];

/** Where a value is: for its type, for its errors, and for what goes wrong with it. */
export interface Position {
  readonly type: GraphQLOutputType;
  readonly nodes: readonly FieldNode[];
  readonly path: Path;
  readonly about: string;
  readonly coordinate: string;
  readonly isProvided: boolean;
}

import type { ApolloGateway } from "@apollo/gateway";
import type { DocumentNode, GraphQLError } from "graphql";
import type { Faults } from "./faults.ts";
import type { GeneratedOperation } from "./operations.ts";
import type { Complaint, GraphQLBody } from "./subgraph-types.ts";

export type Executor = ApolloGateway["executor"];

/** What a gateway answered; or what it threw, in place of an answer. */
export interface Outcome {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: { readonly valueCompletion?: readonly GraphQLError[] };
  readonly thrown?: Error;
  /** Calls that reached subgraphs, in order. */
  readonly calls: readonly Call[];
  /** What subgraphs have against what they were asked. */
  readonly complaints: readonly Complaint[];
  /** What of Federation was used. */
  readonly features: ReadonlySet<string>;
}

export interface Call {
  readonly subgraph: string;
  readonly body: GraphQLBody;
}

/** One operation, with what goes wrong. */
export interface Case {
  /** Of the operation's query, where it is parsed already. */
  readonly document?: DocumentNode;
  readonly operation: GeneratedOperation;
  readonly faults: Faults;
}

/** Whether the planner failed: it has faults of its own, and here it is not to look at too many plans. */
export function isUnplanned({ thrown }: Outcome): boolean {
  return /@apollo\/(query-planner|query-graphs|federation-internals)/.test(thrown?.stack ?? "");
}

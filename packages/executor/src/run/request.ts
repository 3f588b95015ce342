import type { GraphQLDataSource } from "@apollo/gateway";
import type { GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import type { GraphQLError } from "graphql";
import type { JsonObject } from "../json.ts";
import type { EntityStore } from "./entity-store.ts";
import type { RecordedCalls } from "./recorded-calls.ts";

/** Subgraphs by name. */
export type DataSources = Readonly<Record<string, GraphQLDataSource>>;

/** One request while it runs. */
export interface RunningRequest {
  readonly context: GatewayGraphQLRequestContext;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The client's names for fields that go by another one in the plan. */
  readonly responseNames: ReadonlyMap<string, string>;
  readonly dataSources: DataSources;
  /** The merged data. */
  readonly root: JsonObject;
  readonly errors: GraphQLError[];
  readonly entities: EntityStore;
  /** Calls that the fast engine had sent before it gave up. */
  readonly recorded: RecordedCalls;
  /** Objects that are in more than one place of the merged data; null until there is one. */
  shared: Set<JsonObject> | null;
  /** Entities that some subgraph answered with null for; null until there is one. */
  missing: Set<JsonObject> | null;
}

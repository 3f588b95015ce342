import type { Schema } from "@apollo/federation-internals";
import type { ApolloGateway, GatewayConfig, GraphQLDataSource } from "@apollo/gateway";
import type { QueryPlanCache, QueryPlanner } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";

/** What a loaded ApolloGateway holds and does not show. */
export interface ApolloInternals {
  /** With its defaults. */
  readonly config: GatewayConfig;
  readonly logger: NonNullable<GatewayConfig["logger"]>;
  readonly schema: GraphQLSchema;
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
  readonly supergraphSdl: string;
  readonly queryPlanner: QueryPlanner;
  readonly queryPlanStore: QueryPlanCache;
  readonly serviceMap: Readonly<Record<string, { readonly dataSource: GraphQLDataSource }>>;
  readonly recursiveSelectionsLimitDisabled: boolean;
  readonly nonLocalSelectionsLimitDisabled: boolean;
}

const NAMES = [
  "config",
  "logger",
  "schema",
  "apiSchema",
  "supergraphSchema",
  "supergraphSdl",
  "queryPlanner",
  "queryPlanStore",
  "serviceMap",
  "recursiveSelectionsLimitDisabled",
  "nonLocalSelectionsLimitDisabled",
] as const satisfies readonly (keyof ApolloInternals)[];

/**
 * Reads the private parts of a gateway that has a supergraph: a copy, as the gateway goes on to the next one. They are
 * plain properties in `@apollo/gateway` 2.14, whose version is pinned.
 *
 * @throws Error that names what is missing, as it would be with another version
 */
export function readInternals(gateway: ApolloGateway): ApolloInternals {
  return readProperties(gateway as unknown as ApolloInternals, NAMES);
}

/** Reads properties that this version of `@apollo/gateway` has. Throws as `readInternals` does. */
export function readProperties<From extends object, Name extends keyof From & string>(
  from: From,
  names: readonly Name[],
): Pick<From, Name> {
  const missing = names.filter((name) => from[name] === undefined);
  if (missing.length > 0) throw new Error(`This version of @apollo/gateway has no ${missing.join(", ")}.`);
  return Object.fromEntries(names.map((name) => [name, from[name]])) as unknown as Pick<From, Name>;
}

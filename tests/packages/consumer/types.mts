// What an app in TypeScript writes. It is compiled, and not run.
import { ApolloServer } from "@apollo/server";
import {
  createHttpTransport,
  SubgraphDataSource,
  stringifyResult,
  TributaryGateway,
  type TributaryGatewayOptions,
} from "@tributary/executor";
import type { SchemaConfig } from "@tributary/schema-cli";
import {
  createLogger,
  openPool,
  parseConfig,
  type RunningSubgraph,
  serverSettings,
  startSubgraph,
  subgraphSettings,
} from "@tributary/subgraph-kit";
import { badUserInput } from "@tributary/subgraph-kit/errors";
import { createIdentityIssuer, type Identity } from "@tributary/subgraph-kit/identity";
import { parseCurrency } from "@tributary/subgraph-kit/money";
import type { GraphQLError } from "graphql";
import { z } from "zod";

const transport = createHttpTransport({});
const options: TributaryGatewayOptions = { warmUpOperations: 10 };
const gateway = new TributaryGateway(
  { buildService: ({ url = "" }) => new SubgraphDataSource({ url, transport }) },
  options,
);
export const server = new ApolloServer({ gateway, stringifyResult });

const settings = z.object({ ...serverSettings.shape, GREETING: z.string() });

export function start(env: Record<string, string>): Promise<RunningSubgraph> {
  const config = parseConfig(settings, env);
  return startSubgraph({
    name: "books",
    typeDefs: "type Query { greeting: String }",
    resolvers: {},
    config,
    logger: createLogger("books", config.LOG_LEVEL),
    createContext: (base) => ({ ...base, greeting: config.GREETING }),
    ready: async () => {},
    close: async () => {},
  });
}

export async function rows(env: Record<string, string>): Promise<unknown[]> {
  const config = parseConfig(subgraphSettings, env);
  const { pool } = openPool("books", config, createLogger("books", "info"));
  return (await pool.query("SELECT 1")).rows;
}

export async function tokenOf(identity: Identity): Promise<string> {
  return (await createIdentityIssuer()).issue(identity, "books");
}

export const error: GraphQLError = badUserInput("no");
export const currency: string | null | undefined = parseCurrency("EUR");
export const schema: SchemaConfig = {
  subgraphs: [{ name: "books", url: "http://localhost", schema: "books.graphql" }],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
};
// @ts-expect-error A subgraph has a URL: the types are not any.
export const wrong: SchemaConfig["subgraphs"][number] = { name: "books", schema: "books.graphql" };

import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { schemaText } from "./schema-text.ts";

interface ProductReference {
  readonly id: string;
  readonly dimensions?: { readonly size: string; readonly weight: number };
}

const USERS = [
  {
    email: "support@apollographql.com",
    name: "Apollo Studio Support",
    totalProductsCreated: 10,
    yearsOfEmployment: 10,
  },
];

/** Resolvers of the subgraphs around `products`, by name. */
const RESOLVERS: Readonly<Record<string, object>> = {
  inventory: {
    Query: {
      inventory: (_parent: unknown, { id }: { id: string }) =>
        id === "apollo-oss" ? { id, products: [{ id: "apollo-federation" }, { id: "apollo-studio" }] } : null,
    },
    Product: {
      delivery: ({ id, dimensions }: ProductReference, { zip }: { zip?: string }) => {
        if (dimensions?.size !== "small" || dimensions.weight !== 1) {
          throw new Error(`The dimensions of ${id} are not those of products.`);
        }
        return zip === "94111" ? { estimatedDelivery: "5/1/2019", fastestDelivery: "5/1/2019" } : null;
      },
    },
    Inventory: {
      __resolveType: () => "OpenSourceInventory",
    },
  },
  users: {
    User: {
      __resolveReference: ({ email }: { email: string }) => USERS.find((user) => user.email === email),
    },
  },
  references: {
    Query: {
      shelf: () => [
        {
          byPackage: { sku: "federation", package: "@apollo/federation" },
          research: { study: { caseNumber: "1235" } },
          deprecated: { sku: "apollo-federation-v1", package: "@apollo/federation-v1" },
          author: { email: "support@apollographql.com" },
        },
        {
          byPackage: { sku: "studio", package: "" },
          research: { study: { caseNumber: "none" } },
          deprecated: { sku: "none", package: "" },
          author: { email: "nobody@apollographql.com" },
        },
      ],
    },
  },
  variations: {
    Query: {
      variations: () => [
        { sku: "studio", variation: { id: "platform" } },
        { sku: "federation", variation: { id: "OSS" } },
      ],
    },
  },
};

export const COMPANIONS = Object.keys(RESOLVERS);

/** A subgraph beside `products`, over HTTP. */
export async function startCompanion(name: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs: parse(schemaText(name)), resolvers: RESOLVERS[name] as never }]),
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" } });
  return { url, stop: () => server.stop() };
}

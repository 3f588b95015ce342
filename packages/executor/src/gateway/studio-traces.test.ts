import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginUsageReporting } from "@apollo/server/plugin/usageReporting";
import { afterEach, expect, test } from "vitest";
import { SubgraphDataSource } from "../subgraph/subgraph-data-source.ts";
import { createHttpTransport } from "../transport/http-transport.ts";
import { startHttpFixture } from "../transport/subgraph-http.fixture.ts";
import { accountsAndReviews, answerFor } from "./supergraph.fixture.ts";
import { TributaryGateway } from "./tributary-gateway.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

test.each(["the default data source", "a SubgraphDataSource with headers"])(
  "%s asks for the traces that Apollo Studio is told of: without them, reports knew no subgraph's field",
  async (kind) => {
    const subgraph = await startHttpFixture((response, body) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(answerFor(body)));
    });
    cleanups.push(subgraph.stop);
    // In place of Apollo's.
    const studio = await startHttpFixture((response) => response.writeHead(200).end());
    cleanups.push(studio.stop);
    const transport = createHttpTransport();
    cleanups.push(() => transport.close());
    const own = {
      buildService: ({ url = "" }: { url?: string }) =>
        new SubgraphDataSource({ url, transport, headers: () => ({ "x-own": "here" }) }),
    };
    const server = new ApolloServer({
      logger,
      apollo: { key: "service:graph:secret", graphRef: "graph@current" },
      gateway: new TributaryGateway({
        supergraphSdl: accountsAndReviews(subgraph.url),
        logger,
        ...(kind.includes("headers") ? own : {}),
      }),
      plugins: [
        ApolloServerPluginUsageReporting({
          endpointUrl: studio.url,
          sendReportsImmediately: true,
          fieldLevelInstrumentation: 1,
          logger,
        }),
      ],
    });
    await server.start();
    cleanups.push(() => server.stop());
    const { body } = await server.executeOperation({ query: "{ me { name reviews { body } } }" });
    expect(body.kind === "single" && body.singleResult.errors).toBeUndefined();
    expect(subgraph.received.length).toBeGreaterThan(1);
    for (const { headers } of subgraph.received) {
      expect(headers["apollo-federation-include-trace"]).toBe("ftv1");
      expect(headers["x-own"]).toBe(kind.includes("headers") ? "here" : undefined);
    }
    await expect.poll(() => studio.received.length).toBeGreaterThan(0);
  },
);

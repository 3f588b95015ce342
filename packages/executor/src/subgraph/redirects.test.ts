import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { expect, test } from "vitest";
import { accountsAndReviews, answerFor } from "../gateway/supergraph.fixture.ts";
import { TributaryGateway } from "../gateway/tributary-gateway.ts";
import { createHttpTransport } from "../transport/http-transport.ts";
import { startHttpFixture } from "../transport/subgraph-http.fixture.ts";
import { cleanUp } from "../transport/transports.fixture.ts";
import { SubgraphDataSource, type SubgraphDataSourceOptions } from "./subgraph-data-source.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A subgraph that has moved, and redirects. */
async function startMoved(status: number) {
  const answering = await startHttpFixture((response, body) => {
    response.writeHead(200, { "content-type": "application/json" });
    if (body.startsWith("["))
      response.end(
        JSON.stringify((JSON.parse(body) as object[]).map((each) => answerFor(JSON.stringify(each)))),
      );
    else response.end(JSON.stringify(body === "" ? { data: { me: null } } : answerFor(body)));
  });
  cleanUp(answering.stop);
  const moved = await startHttpFixture((response) =>
    response.writeHead(status, { location: answering.url }).end("Moved."),
  );
  cleanUp(moved.stop);
  return moved.url;
}

async function ask(gateway: ApolloGateway): Promise<unknown> {
  const server = new ApolloServer({ gateway, logger });
  await server.start();
  cleanUp(() => server.stop());
  const results: unknown[] = [];
  // The first by the reference engine, the others by the fast one.
  for (let count = 0; count < 3; count++) {
    const { body } = await server.executeOperation({ query: "{ me { name reviews { body } age } }" });
    if (body.kind === "single") results.push(JSON.parse(JSON.stringify(body.singleResult)) as unknown);
  }
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  return results[0];
}

test.each([301, 302, 303, 307, 308])(
  "a subgraph that moved with status %i answers as with ApolloGateway",
  async (status) => {
    const url = await startMoved(status);
    const supergraphSdl = accountsAndReviews(url);
    const expected = await ask(new ApolloGateway({ supergraphSdl, logger }));
    expect(expected).toMatchObject({ data: { me: status < 307 ? null : { name: "Name of 1" } } });
    expect(await ask(new TributaryGateway({ supergraphSdl, logger }))).toEqual(expected);
    const transport = createHttpTransport();
    cleanUp(transport.close);
    const sources: Partial<SubgraphDataSourceOptions>[] = [{}, { batch: true }, { collapse: false }];
    for (const options of sources) {
      const buildService = ({ url: own = "" }) => new SubgraphDataSource({ url: own, transport, ...options });
      expect(await ask(new TributaryGateway({ supergraphSdl, logger, buildService }))).toEqual(expected);
    }
  },
);

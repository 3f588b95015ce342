import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { isProxy } from "node:util/types";
import { ApolloGateway, type GatewayConfig, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { afterEach, expect, test } from "vitest";
import { resultBytes } from "../result/stringify-result.ts";
import { SubgraphDataSource } from "../subgraph/subgraph-data-source.ts";
import type { Transport, TransportRequest } from "../transport/transport.ts";
import { type HttpFixture, startHttpFixture } from "../transport/subgraph-http.fixture.ts";
import { accountsAndReviews, answerFor } from "./supergraph.fixture.ts";
import { TributaryGateway, type TributaryGatewayOptions } from "./tributary-gateway.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const QUERY = "query Mine($n: Int) { me { id name reviews(first: $n) { body author { name } } } }";

/** An Apollo Server in front of a gateway. */
async function serve(gateway: ApolloGateway) {
  const server = new ApolloServer({ gateway, logger });
  await server.start();
  cleanups.push(() => server.stop());
  return async (query: string, contextValue: object, variables?: Record<string, unknown>) => {
    const { body } = await server.executeOperation(
      { query, ...(variables ? { variables } : {}) },
      { contextValue },
    );
    if (body.kind !== "single") throw new Error("Not a single result.");
    return JSON.parse(JSON.stringify(body.singleResult)) as {
      data?: unknown;
      errors?: { message: string }[];
    };
  };
}

async function startSubgraph(): Promise<HttpFixture> {
  const fixture = await startHttpFixture((response, body) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answerFor(body)));
  });
  cleanups.push(fixture.stop);
  return fixture;
}

test("takes the place of ApolloGateway with a configuration of nothing but a supergraph", async () => {
  const { url } = await startSubgraph();
  const config: GatewayConfig = { supergraphSdl: accountsAndReviews(url), logger };
  const gateway = new TributaryGateway(config);
  expect(gateway).toBeInstanceOf(ApolloGateway);
  const ours = await (await serve(gateway))(QUERY, {}, { n: 2 });
  const stock = await (await serve(new ApolloGateway(config)))(QUERY, {}, { n: 2 });
  expect(ours).toEqual(stock);
  expect(ours.data).toMatchObject({
    me: { name: "Name of 1", reviews: [{ author: { name: "Name of 2" } }, {}] },
  });
});

test("calls the hooks of RemoteGraphQLDataSource's subclasses, and notes in the log that they are slower", async () => {
  const { url, received } = await startSubgraph();
  const notes: string[] = [];
  class Authenticated extends RemoteGraphQLDataSource<{ token?: string }> {
    override willSendRequest({
      request,
      context,
    }: Parameters<NonNullable<RemoteGraphQLDataSource["willSendRequest"]>>[0]) {
      request.http?.headers.set("authorization", String((context as { token?: string }).token));
    }
    override didReceiveResponse({ response }: { response: { data?: Record<string, unknown> | null } }) {
      if (response.data?.me) (response.data.me as Record<string, unknown>).name = "Changed";
      return response;
    }
  }
  const gateway = new TributaryGateway({
    supergraphSdl: accountsAndReviews(url),
    logger: { ...logger, info: (note: string) => notes.push(note) },
    buildService: ({ url: serviceUrl }) => new Authenticated({ url: serviceUrl ?? "" }),
  });
  const result = await (await serve(gateway))(QUERY, { token: "t1" });
  expect(result.data).toMatchObject({ me: { name: "Changed" } });
  expect(received.map(({ headers }) => headers.authorization)).toEqual(received.map(() => "t1"));
  expect(received.length).toBeGreaterThan(1);
  expect(notes).toContain('Subgraph "accounts" has a data source of its own; SubgraphDataSource is faster.');
});

test("answers introspection, bad variables and unknown services without a call", async () => {
  const { url, received } = await startSubgraph();
  const ask = await serve(new TributaryGateway({ supergraphSdl: accountsAndReviews(url), logger }));
  expect((await ask('{ __type(name: "User") { name } __typename }', {})).data).toEqual({
    __type: { name: "User" },
    __typename: "Query",
  });
  expect((await ask(QUERY, {}, { n: "many" })).errors?.[0]?.message).toContain(
    'Variable "$n" got invalid value "many"',
  );
  expect(received).toEqual([]);
});

test("compiles an operation once, however many requests wait for it, and counts", async () => {
  const { url } = await startSubgraph();
  const gateway = new TributaryGateway({ supergraphSdl: accountsAndReviews(url), logger });
  const ask = await serve(gateway);
  await Promise.all(Array.from({ length: 5 }, () => ask(QUERY, {})));
  expect(gateway.programCacheStats).toMatchObject({ misses: 1, hits: 4, operations: 1, evictions: 0 });
  const conditional = "query C($with: Boolean!) { me { id name @include(if: $with) } }";
  expect((await ask(conditional, {}, { with: true })).data).toEqual({ me: { id: "1", name: "Name of 1" } });
  expect((await ask(conditional, {}, { with: false })).data).toEqual({ me: { id: "1" } });
  expect(gateway.programCacheStats).toMatchObject({ misses: 2, hits: 5, operations: 2 });
});

test("a result's data is a plain object from an operation's second run on, too, unless results may be text", async () => {
  const { url, stop } = await startHttpFixture((answer) => {
    answer.writeHead(200, { "content-type": "application/json" }).end('{"data":{"me":{"name":"Name of 1"}}}');
  });
  cleanups.push(stop);
  const config = { supergraphSdl: accountsAndReviews(url), logger };
  const dataOf = async (options: TributaryGatewayOptions) => {
    const server = new ApolloServer({ gateway: new TributaryGateway(config, options), logger });
    await server.start();
    cleanups.push(() => server.stop());
    const ask = async () => {
      const { body } = await server.executeOperation({ query: "{ me { name } }" });
      return body.kind === "single" ? body.singleResult.data : undefined;
    };
    await ask();
    return ask();
  };
  const data = await dataOf({});
  expect(structuredClone(data)).toEqual({ me: { name: "Name of 1" } });
  // Apollo Server has looked into it, so that the text is gone.
  expect([isProxy(data), isProxy(await dataOf({ textResults: true }))]).toEqual([false, true]);
});

test("gives the memory of a result back when its response is sent, where it is told of that", async () => {
  const { url, stop } = await startHttpFixture((answer) => {
    answer.writeHead(200, { "content-type": "application/json" }).end('{"data":{"me":{"name":"Name of 1"}}}');
  });
  cleanups.push(stop);
  const gateway = new TributaryGateway(
    { supergraphSdl: accountsAndReviews(url), logger },
    { fastAfterRuns: 0, responseOf: ({ response }: { response: EventEmitter }) => response },
  );
  const server = new ApolloServer({ gateway, logger });
  await server.start();
  cleanups.push(() => server.stop());
  const response = new EventEmitter();
  const { body } = await server.executeOperation(
    { query: "{ me { name } }" },
    { contextValue: { response } },
  );
  if (body.kind !== "single") throw new Error("Not a single result.");
  const { data } = body.singleResult;
  expect(resultBytes({ data: data as never }).toString()).toContain("Name of 1");
  response.emit("close");
  expect(() => data?.["me"]).toThrow("after it had been sent");
});

test("keeps as many programs as the bound allows, the last used ones", async () => {
  const { url } = await startSubgraph();
  const gateway = new TributaryGateway(
    { supergraphSdl: accountsAndReviews(url), logger },
    { programCacheBytes: 1 },
  );
  const ask = await serve(gateway);
  await ask("{ me { id } }", {});
  await ask("{ me { name } }", {});
  expect(gateway.programCacheStats).toMatchObject({ operations: 1, evictions: 1, misses: 2 });
  expect((await ask("{ me { name } }", {})).data).toEqual({ me: { name: "Name of 1" } });
  expect(gateway.programCacheStats).toMatchObject({ misses: 2, hits: 1 });
});

test("an update of the supergraph in the middle of an operation leaves the operation on its own", async () => {
  const { url } = await startSubgraph();
  let update: ((sdl: string) => void) | undefined;
  const held = Promise.withResolvers<void>();
  const sent: TransportRequest[] = [];
  const transport: Transport = {
    async send(request) {
      sent.push(request);
      await held.promise;
      const headers = { "content-type": "application/json" };
      return { status: 200, statusText: "OK", headers, body: JSON.stringify(answerFor(request.body)) };
    },
    close: async () => {},
  };
  const gateway = new TributaryGateway(
    {
      logger,
      supergraphSdl: async (options) => {
        update = options.update;
        return { supergraphSdl: accountsAndReviews(url) };
      },
    },
    { transport, warmUpOperations: 0 },
  );
  const ask = await serve(gateway);
  const running = ask(QUERY, {});
  await expect.poll(() => sent.length).toBe(1);
  update?.(accountsAndReviews(url, { withReviews: false }));
  held.resolve();
  expect((await running).data).toMatchObject({ me: { reviews: [{}, {}, {}] } });
  expect((await ask(QUERY, {})).errors?.[0]?.message).toContain('Cannot query field "reviews"');
});

test("400 interleaved requests of different users get their own answers, through both kinds of data source", async () => {
  // Answers carry the token that the call came with, and come in an order of their own.
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const answer = answerFor(Buffer.concat(chunks).toString("utf8"), request.headers.authorization);
      setTimeout(() => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      }, Math.random() * 20);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  cleanups.push(() => new Promise((stopped) => server.close(stopped).closeAllConnections()));
  const supergraphSdl = accountsAndReviews(
    `http://127.0.0.1:${(server.address() as { port: number }).port}/`,
  );
  const { createUndiciTransport } = await import("../transport/undici-transport.ts");
  const transport = createUndiciTransport();
  cleanups.push(transport.close);
  type Context = { readonly token: string };
  const askFast = await serve(
    new TributaryGateway({
      supergraphSdl,
      logger,
      buildService: ({ url }) =>
        new SubgraphDataSource({
          url: url ?? "",
          transport,
          headers: ({ context }) => ({ authorization: (context as Context).token }),
        }),
    }),
  );
  const askHooked = await serve(
    new TributaryGateway({
      supergraphSdl,
      logger,
      buildService: ({ url }) =>
        new RemoteGraphQLDataSource<Context>({
          url: url ?? "",
          willSendRequest: ({ request, context }) => {
            request.http?.headers.set("authorization", context.token);
          },
        }),
    }),
  );
  const answers = await Promise.all(
    Array.from({ length: 400 }, async (_, index) => {
      // Pairs of requests have one user, and may share calls.
      const token = `user-${Math.floor(index / 2)}`;
      const { data } = await (index % 4 < 2 ? askFast : askHooked)(QUERY, { token });
      return { token, text: JSON.stringify(data) };
    }),
  );
  for (const { token, text } of answers) {
    const seen = new Set(text.match(/user-\d+/g));
    expect([...seen]).toEqual([token]);
  }
});

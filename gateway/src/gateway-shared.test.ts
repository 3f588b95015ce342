import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  createIssuerFixture,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

const service: SubgraphFixture = {
  name: "s",
  sdl: `type Query { hello: String secret: String @authenticated } type Mutation { act: Int }`,
  resolvers: {
    Query: {
      hello: () => "hi",
      secret: (_: unknown, __: unknown, { headers }: { headers: object }) => JSON.stringify(headers),
    },
    Mutation: { act: () => 1 },
  },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let issuer: Awaited<ReturnType<typeof createIssuerFixture>>;
let subgraph: RunningSubgraph;
let gateway: GatewayProcess;

beforeAll(async () => {
  folder = await createFolder();
  issuer = await createIssuerFixture();
  subgraph = await startSubgraph(service);
  gateway = await startGatewayProcess([
    "--supergraph",
    await folder.write("supergraph.graphql", compose([{ ...service, url: subgraph.url }])),
    ...issuer.flags(await folder.write("jwks.json", issuer.jwks)),
  ]);
});
afterAll(async () => {
  await gateway.stop();
  await subgraph.stop();
  await folder.remove();
});
beforeEach(() => {
  subgraph.misbehave = null;
});

/** The lines of the log about some requests. */
const linesOf = (ids: readonly string[]) =>
  Promise.all(
    ids.map((id) => gateway.logged((line) => line["msg"] === "request" && line["requestId"] === id)),
  );

test("equal queries under way cost one call of a service, and a line in the log each", async () => {
  await ask(gateway.url, "query Equal { hello }");
  const before = subgraph.received.length;
  subgraph.misbehave = (_, response) => {
    // Long enough for some of the others to come.
    setTimeout(() => response.writeHead(200).end('{"data":{"hello":"later"}}'), 200);
  };
  const ids = Array.from({ length: 20 }, (_, at) => `equal-${at}`);
  const answers = await Promise.all(
    ids.map((id) => ask(gateway.url, "query Equal { hello }", { headers: { "x-request-id": id } })),
  );
  expect(answers.map(({ headers }) => headers.get("x-request-id"))).toEqual(ids);
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['{"data":{"hello":"later"}}\n']));
  const lines = await linesOf(ids);
  const shared = lines.filter((line) => line["sharedWith"] !== undefined);
  expect(shared.length).toBeGreaterThan(0);
  expect(subgraph.received.length - before).toBe(ids.length - shared.length);
  const run = new Set(lines.filter((line) => !shared.includes(line)).map((line) => line["requestId"]));
  for (const line of shared) {
    expect(run).toContain(line["sharedWith"]);
    expect(line).toMatchObject({ operation: "Equal", status: 200, subgraphCalls: [] });
  }
});

test("nobody gets the answer of somebody else", async () => {
  const tokens = await Promise.all(
    Array.from({ length: 10 }, (_, at) => issuer.token({ sub: `user-${at}` })),
  );
  for (const token of tokens) await ask(gateway.url, "{ secret }", { token });
  const rounds = Array.from({ length: 20 }, (_, round) => tokens[(round * 7) % tokens.length]!);
  const answers = await Promise.all(rounds.map((token) => ask(gateway.url, "{ secret }", { token })));
  for (const [at, { data }] of answers.entries()) {
    const { authorization } = JSON.parse(data.secret) as { authorization: string };
    const [, payload = ""] = authorization.split(".");
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({
      sub: `user-${(at * 7) % tokens.length}`,
    });
  }
});

test("a query that is known and that nobody waits for any more is not gone on with, and logged", async () => {
  await ask(gateway.url, "query Left { hello }");
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<boolean>();
  subgraph.misbehave = (_, response) => {
    response.once("close", () => end(response.writableFinished));
    arrive();
  };
  const client = new AbortController();
  const headers = { "x-request-id": "left" };
  const leaving = ask(gateway.url, "query Left { hello }", { signal: client.signal, headers });
  await arrived;
  client.abort();
  await expect(leaving).rejects.toMatchObject({ name: "AbortError" });
  expect(await ended).toBe(false);
  const [line] = await linesOf(["left"]);
  expect(line).toMatchObject({
    subgraphCalls: [{ service: "s", status: null, code: "SUBGRAPH_UNAVAILABLE" }],
  });
});

test("a mutation that is known is let finish, though nobody waits for it", async () => {
  await ask(gateway.url, "mutation Kept { act }");
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<() => void>();
  subgraph.misbehave = (_, response) => arrive(() => void response.writeHead(200).end('{"data":{"act":1}}'));
  const client = new AbortController();
  const headers = { "x-request-id": "kept" };
  const leaving = ask(gateway.url, "mutation Kept { act }", { signal: client.signal, headers });
  const finish = await arrived;
  client.abort();
  await expect(leaving).rejects.toMatchObject({ name: "AbortError" });
  // Long enough for an abort to get here, were there one.
  setTimeout(finish, 150);
  const [line] = await linesOf(["kept"]);
  expect(line).toMatchObject({ errorCodes: [], subgraphCalls: [{ service: "s", status: 200 }] });
});

import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type BatchableRequest, batchQueries } from "./batch.ts";
import { createHttpTransport } from "./http-transport.ts";
import { type Respond, startHttpFixture } from "./subgraph-http.fixture.ts";
import type { Transport, TransportRequest } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import { cleanUp, failureOf } from "./transports.fixture.ts";

const HEADERS = { "content-type": "application/json", authorization: "one" };

/** A transport that remembers what goes through it, with batches before it. */
function startBatching() {
  const http = createHttpTransport();
  cleanUp(http.close);
  const sent: TransportRequest[] = [];
  const refusals: string[] = [];
  const transport: Pick<Transport, "send"> = {
    send: (request) => {
      sent.push(request);
      return http.send(request);
    },
  };
  return { sent, refusals, send: batchQueries(transport, ({ url }) => refusals.push(url)) };
}

/** An Apollo Server, as a subgraph has it. */
async function startApollo(allowBatchedHttpRequests: boolean): Promise<string> {
  const server = new ApolloServer({
    typeDefs: "type Query { echo(text: String!): String! fail: String }",
    resolvers: {
      Query: {
        echo: (_parent: unknown, { text }: { text: string }) => text,
        fail: () => {
          throw new Error("On purpose.");
        },
      },
    },
    allowBatchedHttpRequests,
    stopOnTerminationSignals: false,
  });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" } });
  cleanUp(() => server.stop());
  return url;
}

async function startFixture(respond: Respond) {
  const fixture = await startHttpFixture(respond);
  cleanUp(fixture.stop);
  return fixture;
}

const scope = {};

function query(url: string, text: string, more: Partial<BatchableRequest> = {}): BatchableRequest {
  const body = JSON.stringify({ query: `{ echo(text: "${text}") }` });
  return { url, headers: HEADERS, body, idempotent: true, scope, ...more };
}

const echoed = (text: string) => `{"data":{"echo":"${text}"}}`;
const bodies = async (answers: readonly Promise<{ readonly body: string }>[]) =>
  (await Promise.all(answers)).map(({ body }) => body.trim());

describe("an Apollo Server that allows batches", () => {
  test("gets what is ready at the same moment as one call", async () => {
    const url = await startApollo(true);
    const { sent, refusals, send } = startBatching();
    const answers = [send(query(url, "a")), Promise.resolve().then(() => send(query(url, 'b, [\\"]')))];
    expect(await bodies(answers)).toEqual([echoed("a"), echoed('b, [\\"]')]);
    expect(sent.map(({ body }) => Array.isArray(JSON.parse(body)))).toEqual([true]);
    expect(sent[0]?.headers).toEqual(HEADERS);
    await bodies([send(query(url, "c"))]);
    expect(sent).toHaveLength(2);
    expect(Array.isArray(JSON.parse(sent[1]?.body ?? ""))).toBe(false);
    expect(refusals).toEqual([]);
  });

  test("gets what differs in headers, in request or in moment by itself", async () => {
    const url = await startApollo(true);
    const { sent, send } = startBatching();
    const answers = [
      send(query(url, "a", { headers: { ...HEADERS, first: "1" } })),
      send(query(url, "a")),
      send(query(url, "b", { headers: { ...HEADERS, authorization: "two" } })),
      send(query(url, "c", { headers: { ...HEADERS, more: "" } })),
      send(query(url, "d", { scope: {} })),
    ];
    await setImmediate();
    answers.push(send(query(url, "e")));
    expect(await bodies(answers)).toEqual(["a", "a", "b", "c", "d", "e"].map(echoed));
    expect(sent).toHaveLength(6);
  });

  test("fails one query, and not the other", async () => {
    const url = await startApollo(true);
    const { sent, refusals, send } = startBatching();
    const failing = query(url, "", { body: '{"query":"{ fail }"}' });
    const [ok, failed] = await bodies([send(query(url, "a")), send(failing)]);
    expect(ok).toBe(echoed("a"));
    expect(failed).toContain("On purpose.");
    expect(sent).toHaveLength(1);
    // A query that is none gives the whole answer its status, so each is asked for by itself.
    const [answer, invalid] = await Promise.all([
      send(query(url, "a")),
      send(query(url, "", { body: '{"query":"{ none }"}' })),
    ]);
    expect([answer?.status, invalid?.status]).toEqual([200, 400]);
    expect(sent).toHaveLength(4);
    await bodies([send(query(url, "a")), send(query(url, "b"))]);
    expect(sent).toHaveLength(5);
    expect(refusals).toEqual([]);
  });
});

test("an Apollo Server that allows no batches is found out by the first, and is asked one by one from then on", async () => {
  const url = await startApollo(false);
  const { sent, refusals, send } = startBatching();
  const [one, other] = [{}, {}];
  const first = [one, one, other, other].map((each, index) => send(query(url, `${index}`, { scope: each })));
  expect(await bodies(first)).toEqual(["0", "1", "2", "3"].map(echoed));
  expect(sent).toHaveLength(6);
  expect(await bodies([send(query(url, "c")), send(query(url, "d"))])).toEqual([echoed("c"), echoed("d")]);
  expect(sent).toHaveLength(8);
  expect(refusals).toEqual([url]);
});

test.each([
  ["that is not there for them", 503, "down", 1],
  ["that does not know them", 401, '{"errors":[]}', 1],
  ["with too few answers", 200, "[{}]", 3],
  ["with no JSON", 200, "[{", 3],
])("an answer %s", async (_name, status, body, calls) => {
  const fixture = await startFixture((response, text) => {
    if (text.startsWith("[")) response.writeHead(status).end(body);
    else response.end("alone");
  });
  const { sent, send } = startBatching();
  const answers = await Promise.all(["a", "b"].map((text) => send(query(fixture.url, text))));
  const expected = calls === 1 ? { status, body } : { status: 200, body: "alone" };
  for (const answer of answers) expect(answer).toMatchObject(expected);
  expect(sent).toHaveLength(calls);
});

test("a list that is too large is sent one by one, and the next one is a list again", async () => {
  const fixture = await startFixture((response, text) => {
    if (text.length > 100) response.writeHead(413).end();
    else response.end(text.startsWith("[") ? "[1,2]" : "alone");
  });
  const { sent, send } = startBatching();
  const long = "x".repeat(60);
  expect(await bodies([send(query(fixture.url, long)), send(query(fixture.url, "a"))])).toEqual([
    "alone",
    "alone",
  ]);
  expect(await bodies([send(query(fixture.url, "a")), send(query(fixture.url, "b"))])).toEqual(["1", "2"]);
  expect(sent).toHaveLength(4);
});

test("a connection that fails, fails all", async () => {
  const fixture = await startFixture((response) => response.destroy());
  const { sent, send } = startBatching();
  const calls = ["a", "b"].map((text) => send(query(fixture.url, text)));
  for (const each of calls) expect(await failureOf(each)).toBeInstanceOf(TransportError);
  expect(sent).toHaveLength(1);
});

describe("who leaves", () => {
  test("before the list is sent is not in it", async () => {
    const url = await startApollo(true);
    const { sent, send } = startBatching();
    const client = new AbortController();
    const leaves = send(query(url, "a", { signal: client.signal }));
    const stays = [send(query(url, "b")), send(query(url, "c"))];
    client.abort(new Error("left"));
    expect((await failureOf(leaves)).message).toContain("left");
    expect(await bodies(stays)).toEqual([echoed("b"), echoed("c")]);
    expect(sent[0]?.body).not.toContain('\\"a\\"');
  });

  test("later leaves the others their answers; and when all have left, the subgraph sees it", async () => {
    let closed = 0;
    let answer = () => {};
    const fixture = await startFixture((response) => {
      response.on("close", () => closed++);
      answer = () => response.end("[1,2]");
    });
    const { send } = startBatching();
    const clients = [new AbortController(), new AbortController()];
    const ask = () => clients.map(({ signal }, index) => send(query(fixture.url, `${index}`, { signal })));
    const [leaves, stays] = ask();
    await expect.poll(() => fixture.received.length).toBe(1);
    clients[0]?.abort(new Error("left"));
    await failureOf(leaves as Promise<unknown>);
    answer();
    expect((await stays)?.body).toBe("2");
    await expect.poll(() => closed).toBe(1);

    clients[0] = new AbortController();
    const both = ask();
    await expect.poll(() => fixture.received.length).toBe(2);
    for (const client of clients) client.abort(new Error("left"));
    for (const each of both) await failureOf(each);
    await expect.poll(() => closed).toBe(2);
  });

  test("all of them, before it is sent: nothing is", async () => {
    const fixture = await startFixture((response) => response.end("[1,2]"));
    const { sent, send } = startBatching();
    const client = new AbortController();
    const calls = ["a", "b"].map((text) => send(query(fixture.url, text, { signal: client.signal })));
    client.abort(new Error("left"));
    for (const each of calls) await failureOf(each);
    await failureOf(send(query(fixture.url, "c", { signal: client.signal })));
    await setImmediate();
    expect(sent).toEqual([]);
  });
});

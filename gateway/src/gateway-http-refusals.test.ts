import { createHash } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  compose,
  createFolder,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

const service: SubgraphFixture = {
  name: "s",
  sdl: `type Query { hello(name: String): String } type Mutation { act: Int }`,
  resolvers: {
    Query: { hello: (_: unknown, { name }: { name?: string }) => `hi ${name ?? ""}` },
    Mutation: { act: () => 1 },
  },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraph: RunningSubgraph;
let gateway: GatewayProcess;

beforeAll(async () => {
  folder = await createFolder();
  subgraph = await startSubgraph(service);
  const file = await folder.write("supergraph.graphql", compose([{ ...service, url: subgraph.url }]));
  gateway = await startGatewayProcess(["--supergraph", file]);
});

afterAll(async () => {
  await gateway.stop();
  await subgraph.stop();
  await folder.remove();
});

// None of it is the gateway's fault, whoever reads its log.
function expectQuietLog(): void {
  expect(gateway.log().filter(({ level }) => Number(level) >= 50)).toEqual([]);
}
afterEach(expectQuietLog);

const json = { "content-type": "application/json" };
const hello = JSON.stringify({ query: "{ hello }" });

async function post(body: string | Buffer<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { ...json, ...headers },
    body,
  });
  const { data, errors } = (await response.json()) as {
    data?: unknown;
    errors?: { message: string; extensions: { code: string } }[];
  };
  const [error] = errors ?? [];
  return {
    status: response.status,
    headers: response.headers,
    data,
    message: error?.message,
    code: error?.extensions.code,
  };
}

describe("a mutation whose response the client does not take ran, and was refused afterwards", () => {
  const act = JSON.stringify({ query: "mutation { act }" });

  test.each([
    "text/html",
    "image/png",
    "*/*;q=0",
    "application/json;q=0",
    "multipart/mixed",
    "text/event-stream",
    "application/graphql-response+json;charset=utf-16",
  ])("accept: %s", async (accept) => {
    // Known operations, too, which go past Apollo Server.
    for (let times = 0; times < 3; times++) await post(act);
    subgraph.received.length = 0;
    for (let times = 0; times < 3; times++) {
      const { status, code, data } = await post(act, { accept });
      expect([status, code, data]).toEqual([406, "BAD_REQUEST", undefined]);
    }
    expect(subgraph.received).toEqual([]);
  });

  test("nor is a query asked for", async () => {
    subgraph.received.length = 0;
    const headers = { accept: "image/png", "apollo-require-preflight": "1" };
    const response = await fetch(`${gateway.url}/graphql?query={hello}`, { headers });
    expect([response.status, subgraph.received.length]).toEqual([406, 0]);
  });

  test.each(["", "*/*", "application/*", "application/graphql-response+json", "text/html, */*;q=0.1"])(
    "it runs where the response is taken: %s",
    async (accept) => {
      expect(await post(act, { accept })).toMatchObject({ status: 200, data: { act: 1 } });
    },
  );
});

describe("a persisted query that is no good was an internal error", () => {
  const sha256Hash = createHash("sha256").update("{ hello }").digest("hex");
  test.each([
    ["the hash of another query", { version: 1, sha256Hash: "0".repeat(64) }, "sha does not match"],
    ["no hash", { version: 1 }, "sha does not match"],
    ["a hash that is no text", { version: 1, sha256Hash: { a: 1 } }, "sha does not match"],
    ["another version", { version: 2, sha256Hash }, "Unsupported persisted query version"],
    ["no version", { sha256Hash }, "Unsupported persisted query version"],
    ["a number", 1, "Unsupported persisted query version"],
    ["a list", [], "Unsupported persisted query version"],
  ])("%s", async (_, persistedQuery, message) => {
    const body = JSON.stringify({ query: "{ hello }", extensions: { persistedQuery } });
    expect(await post(body)).toMatchObject({
      status: 400,
      code: "BAD_REQUEST",
      message: expect.stringContaining(message),
    });
  });

  test("one that is good is taken and found again", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    expect(await post(JSON.stringify({ extensions }))).toMatchObject({ code: "PERSISTED_QUERY_NOT_FOUND" });
    for (const query of ["{ hello }", undefined, undefined])
      expect(await post(JSON.stringify({ query, extensions }))).toMatchObject({ data: { hello: "hi " } });
  });
});

describe("what a body is instead of JSON in UTF-8 was not told", () => {
  test.each([
    ["gzip", gzipSync(hello)],
    ["br", brotliCompressSync(hello)],
    ["deflate", deflateSync(hello)],
    ["zstd", zstdCompressSync(hello)],
    ["GZIP", gzipSync(hello)],
    ["gzip, br", brotliCompressSync(gzipSync(hello))],
    ["own", Buffer.from(hello)],
  ])("encoded as %s", async (coding, body) => {
    const { status, code, message, headers } = await post(body, { "content-encoding": coding });
    expect([status, code, message]).toEqual([415, "BAD_REQUEST", expect.stringContaining(`"${coding}"`)]);
    expect(headers.get("accept-encoding")).toBe("identity");
  });

  test.each(["utf-16", "UTF-16LE", "iso-8859-1", "utf-7"])("charset %s", async (charset) => {
    const type = `application/json; charset=${charset}`;
    expect(await post(hello, { "content-type": type })).toMatchObject({
      status: 415,
      code: "BAD_REQUEST",
      message: expect.stringContaining(charset.toLowerCase()),
    });
  });

  test.each(["utf-8", '"UTF-8"', "utf8", "us-ascii"])("charset %s is taken", async (charset) => {
    const type = `application/json; charset=${charset}`;
    expect(await post(hello, { "content-type": type })).toMatchObject({ data: { hello: "hi " } });
  });

  test.each([
    ["UTF-16 with a mark", Buffer.from(`\uFEFF${hello}`, "utf16le")],
    ["UTF-16", Buffer.from(hello, "utf16le")],
    ["Latin 1", Buffer.from(hello.replace("hello }", 'hello(name: \\"é\\") }'), "latin1")],
  ])("bytes of %s", async (_, body) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      code: "BAD_REQUEST",
      message: "The request's body is not JSON in UTF-8.",
    });
  });

  test("bytes of Latin 1 in a variable of an operation that is known", async () => {
    const of = (name: string) =>
      JSON.stringify({ query: "query ($n: String) { hello(name: $n) }", variables: { n: name } });
    for (let times = 0; times < 3; times++)
      expect(await post(of("é"))).toMatchObject({ data: { hello: "hi é" } });
    expect(await post(Buffer.from(of("é"), "latin1"))).toMatchObject({ status: 400, code: "BAD_REQUEST" });
    // The character that takes the place of others is one as any.
    expect(await post(of("\uFFFD"))).toMatchObject({ data: { hello: "hi \uFFFD" } });
  });

  test("UTF-8 with a mark is taken", async () => {
    expect(await post(`\uFEFF${hello}`)).toMatchObject({ data: { hello: "hi " } });
  });

  test.each([
    ["", "The request's body is empty."],
    [`${hello}x`, "not JSON: Unexpected non-whitespace character"],
    ['{"query":"{ hello }","variables":{"__proto__":{}}}', '"__proto__"'],
    ['{"query":"{ hello }","variables":{"a":[{"\\u005f_proto__":1}]}}', '"__proto__"'],
    ['{"query":"{ hello }","variables":{"constructor":{"prototype":1}}}', '"constructor"'],
  ])("%s", async (body, message) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      code: "BAD_REQUEST",
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ["variables", '{"a":{"__proto__":1}}', '"variables" has a member "__proto__"'],
    ["extensions", '{"__proto__":1}', '"extensions" has a member "__proto__"'],
    ["variables", "{", "contains invalid JSON"],
    ["variables", "[]", "should contain a JSON-encoded object"],
  ])("%s in the URL: %s", async (name, text, message) => {
    const url = `${gateway.url}/graphql?query={hello}&${name}=${encodeURIComponent(text)}`;
    const response = await fetch(url, { headers: { "apollo-require-preflight": "1" } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining(message), extensions: { code: "BAD_REQUEST" } }],
    });
  });
});

describe("a method that a resource does not have was told to be no resource", () => {
  test.each([
    ["PUT", "/graphql", "GET, POST"],
    ["PATCH", "/graphql?query={hello}", "GET, POST"],
    ["DELETE", "/graphql", "GET, POST"],
    ["QUERY", "/graphql", "GET, POST"],
    ["REPORT", "/graphql", "GET, POST"],
    ["POST", "/health/ready", "GET, HEAD"],
    ["PUT", "/health/live", "GET, HEAD"],
  ])("%s %s", async (method, path, allow) => {
    // A body that is no JSON is not looked at.
    const response = await fetch(`${gateway.url}${path}`, { method, headers: json, body: "{" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
  });

  test("HEAD of operations, and a mutation by GET", async () => {
    const head = await fetch(`${gateway.url}/graphql?query={hello}`, { method: "HEAD" });
    expect([head.status, head.headers.get("allow")]).toEqual([405, "GET, POST"]);
    const headers = { "apollo-require-preflight": "1" };
    const get = await fetch(`${gateway.url}/graphql?query=mutation{act}`, { headers });
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("OPTIONS tells which there are", async () => {
    const response = await fetch(`${gateway.url}/graphql`, { method: "OPTIONS" });
    expect([response.status, response.headers.get("allow")]).toEqual([204, "GET, POST"]);
  });

  test("a URL that cannot be read", async () => {
    const response = await fetch(`${gateway.url}/%zz`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
  });
});

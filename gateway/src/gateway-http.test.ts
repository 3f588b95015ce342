import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
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
  sdl: `type Query { hello(name: String): String long: String deep: Deep } type Deep { deep: Deep value: Int } type Mutation { act: Int }`,
  resolvers: {
    Query: {
      hello: (_: unknown, { name }: { name?: string }) => `hi ${name ?? ""}`,
      long: () => "long ".repeat(2000),
      deep: () => ({}),
    },
    Mutation: { act: () => 1 },
  },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraph: RunningSubgraph;
let gateway: GatewayProcess;
let file: string;

beforeAll(async () => {
  folder = await createFolder();
  subgraph = await startSubgraph(service);
  file = await folder.write("supergraph.graphql", compose([{ ...service, url: subgraph.url }]));
  gateway = await startGatewayProcess([
    ...[
      "--supergraph",
      file,
      "--body-limit",
      "5000",
      "--max-tokens",
      "200",
      "--max-depth",
      "6",
      "--max-aliases",
      "5",
    ],
  ]);
});

afterAll(async () => {
  await gateway.stop();
  await subgraph.stop();
  await folder.remove();
});

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });

describe("a request that is no good is answered as GraphQL answers", () => {
  test("a body that is too large: 413", async () => {
    const response = await post(JSON.stringify({ query: `{ hello(name: "${"x".repeat(6000)}") }` }));
    expect(response.status).toBe(413);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toEqual({
      errors: [{ message: expect.stringContaining("5000 bytes"), extensions: { code: "PAYLOAD_TOO_LARGE" } }],
    });
  });

  test("a body that is too large and does not say so: 413", async () => {
    const request = http.request(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
    });
    // One chunk, and no end: a client that goes on writing may find the connection closed before it reads the answer.
    request.write(randomBytes(6000));
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  test.each([
    ["no JSON", `{ hello }`, {}, 400],
    ["another content type", `<hello/>`, { "content-type": "application/xml" }, 415],
  ])("%s", async (_, body, headers, status) => {
    const response = await post(body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: "BAD_REQUEST" } }],
    });
  });

  test("a body that is compressed: it could unpack to anything", async () => {
    const body = gzipSync(JSON.stringify({ query: `{ hello }` }));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const response = await fetch(`${gateway.url}/graphql`, { method: "POST", headers, body });
    expect(response.status).toBe(415);
  });

  test("a path that is not there", async () => {
    const response = await fetch(`${gateway.url}/nowhere`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
  });

  test.each([
    ["no GraphQL", `{ hello`, "GRAPHQL_PARSE_FAILED", 400],
    ["a field that is not there", `{ helo }`, "GRAPHQL_VALIDATION_FAILED", 400],
    [
      "a variable of a wrong type",
      `query ($n: String = 1) { hello(name: $n) }`,
      "GRAPHQL_VALIDATION_FAILED",
      400,
    ],
    [
      "an operation that is not there",
      `query A { hello } query B { hello }`,
      "OPERATION_RESOLUTION_FAILURE",
      400,
    ],
  ])("%s", async (_, query, code, status) => {
    const answer = await ask(gateway.url, query);
    expect([answer.status, answer.errors[0]?.extensions["code"]]).toEqual([status, code]);
  });

  test("a variable that does not fit", async () => {
    const answer = await ask(gateway.url, `query ($n: String!) { hello(name: $n) }`, { variables: {} });
    expect([answer.status, answer.errors[0]?.extensions["code"]]).toEqual([400, "BAD_USER_INPUT"]);
  });
});

describe("an operation beyond a limit is refused, with the limit", () => {
  test.each([
    ["tokens", `{ ${"hello ".repeat(250)} }`, "200 tokens"],
    ["depth", `{ deep { deep { deep { deep { deep { deep { value } } } } } } }`, "7 fields deep; at most 6"],
    [
      "depth behind fragments",
      `{ deep { ...A } } fragment A on Deep { deep { deep { ...B } } } fragment B on Deep { deep { deep { deep { value } } } }`,
      "7 fields deep",
    ],
    ["aliases", `{ a: hello b: hello c: hello d: hello e: hello f: hello }`, "6 aliases; at most 5"],
    [
      "aliases behind fragments",
      `{ deep { ...A ...A deep { ...A } } } fragment A on Deep { a: value b: value }`,
      "6 aliases",
    ],
  ])("%s", async (_, query, message) => {
    const { status, errors } = await ask(gateway.url, query);
    expect(status).toBe(400);
    expect(errors).toEqual([
      { message: expect.stringContaining(message), extensions: { code: "QUERY_TOO_LARGE" } },
    ]);
  });

  test("unless it just keeps within", async () => {
    expect((await ask(gateway.url, `{ a: hello b: hello c: hello d: hello e: hello }`)).errors).toEqual([]);
    expect((await ask(gateway.url, `{ deep { deep { deep { deep { deep { value } } } } } }`)).errors).toEqual(
      [],
    );
  });

  test("a fragment that spreads itself is told as that", async () => {
    const { errors } = await ask(gateway.url, `{ deep { ...A } } fragment A on Deep { deep { ...A } }`);
    expect(errors[0]?.extensions["code"]).toBe("GRAPHQL_VALIDATION_FAILED");
  });

  test("another field may not take the name of __typename", async () => {
    expect((await ask(gateway.url, `{ __typename: hello }`)).errors[0]?.extensions["code"]).toBe(
      "GRAPHQL_VALIDATION_FAILED",
    );
  });
});

describe("a page of somebody else", () => {
  test("cannot send an operation that a browser sends without asking first", async () => {
    const response = await post(`{"query":"mutation { act }"}`, { "content-type": "text/plain" });
    expect(response.status).toBeGreaterThanOrEqual(400);
    const get = await fetch(`${gateway.url}/graphql?query={hello}`);
    expect(get.status).toBe(400);
    expect(JSON.stringify(await get.json())).toContain("CSRF");
  });

  test("may, where it shows that the browser did ask", async () => {
    const get = await fetch(`${gateway.url}/graphql?query={hello}`, {
      headers: { "apollo-require-preflight": "1" },
    });
    expect(await get.json()).toEqual({ data: { hello: "hi " } });
  });

  test("gets no CORS headers unless its origin is configured", async () => {
    const preflight = (url: string, origin: string) =>
      fetch(`${url}/graphql`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,authorization",
        },
      });
    expect(
      (await preflight(gateway.url, "https://app.example")).headers.get("access-control-allow-origin"),
    ).toBeNull();
    const other = await startGatewayProcess([
      "--supergraph",
      file,
      "--cors-origin",
      "https://app.example",
      "--cors-origin",
      "https://b.example",
    ]);
    try {
      const allowed = await preflight(other.url, "https://app.example");
      expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example");
      expect(allowed.headers.get("access-control-allow-headers")).toBe("content-type,authorization");
      expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();
      expect(
        (await preflight(other.url, "https://evil.example")).headers.get("access-control-allow-origin"),
      ).toBeNull();
      const answer = await ask(other.url, `{ hello }`, { headers: { origin: "https://app.example" } });
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
    } finally {
      await other.stop();
    }
  });
});

describe("every answer", () => {
  test("is compressed where the client takes that and it is worth it", async () => {
    for (const encoding of ["br", "gzip"]) {
      const long = await ask(gateway.url, `{ long }`, { headers: { "accept-encoding": encoding } });
      expect(long.headers.get("content-encoding")).toBe(encoding);
      expect(long.data.long).toHaveLength(10_000);
    }
    expect((await ask(gateway.url, `{ hello }`)).headers.get("content-encoding")).toBeNull();
  });

  test("carries the request's id, the client's own where it is a plain token", async () => {
    const given = await ask(gateway.url, `{ hello }`, { headers: { "x-request-id": "abc-1" } });
    expect(given.headers.get("x-request-id")).toBe("abc-1");
    expect(subgraph.received.at(-1)!.headers["x-request-id"]).toBe("abc-1");
    const made = await ask(gateway.url, `{ hello }`, { headers: { "x-request-id": 'a b"c' } });
    expect(made.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("carries headers that keep browsers from mischief", async () => {
    const { headers } = await ask(gateway.url, `{ hello }`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
  });
});

test("subscriptions are refused in words", async () => {
  // Apollo's planner has none: a supergraph with a subscription type is served, and only they are not.
  const sdl = `type Query { a: Int } type Subscription { tick: Int }`;
  const other = await startGatewayProcess([
    "--supergraph",
    await folder.write("sub.graphql", compose([{ name: "s", sdl, url: subgraph.url }])),
  ]);
  try {
    const { errors } = await ask(other.url, `subscription { tick }`);
    expect(errors).toMatchObject([
      { message: expect.stringContaining("Subscriptions"), extensions: { code: "BAD_REQUEST" } },
    ]);
  } finally {
    await other.stop();
  }
});

test("health tells that the process lives, and which supergraph it serves", async () => {
  const live = await fetch(`${gateway.url}/health/live`);
  expect([live.status, await live.json()]).toEqual([200, { status: "live" }]);
  const ready = await fetch(`${gateway.url}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: "ready", supergraph: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), refused: null } },
  ]);
});

describe("introspection", () => {
  test("can be turned off, and then names are not to be guessed either", async () => {
    const other = await startGatewayProcess(["--supergraph", file, "--introspection", "off"]);
    try {
      expect((await ask(other.url, `{ __schema { queryType { name } } }`)).data).toBeUndefined();
      expect((await ask(other.url, `{ helo }`)).text).not.toContain("hello");
      expect((await ask(other.url, `{ hello }`)).data).toEqual({ hello: "hi " });
    } finally {
      await other.stop();
    }
  });
});

describe("a browser", () => {
  const page = (url: string) => fetch(url, { headers: { accept: "text/html" } });

  test("that opens the endpoint gets Apollo Sandbox", async () => {
    const response = await page(`${gateway.url}/graphql`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("embeddable-sandbox");
  });

  test("gets the explorer, which needs nothing from elsewhere", async () => {
    const response = await page(`${gateway.url}/explorer`);
    expect([response.status, response.url]).toEqual([200, `${gateway.url}/explorer/`]);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/);
    const scripts = [...(await response.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(
      (match) => match[1]!,
    );
    expect(scripts.length).toBeGreaterThan(2);
    for (const script of scripts) {
      const { status, headers, url } = await page(new URL(script, response.url).href);
      expect([script, status, new URL(url).origin]).toEqual([script, 200, gateway.url]);
      if (script.includes("assets/")) expect(headers.get("cache-control")).toContain("immutable");
    }
  });

  test("gets the explorer with the operation that was chosen for it", async () => {
    const query = await folder.write("first.graphql", "query First { hello }");
    const other = await startGatewayProcess(["--supergraph", file, "--explorer-query", query]);
    try {
      const settings = await (await fetch(`${other.url}/explorer/settings.json`)).json();
      expect(settings).toEqual({ endpoint: "/graphql", defaultQuery: "query First { hello }" });
    } finally {
      await other.stop();
    }
  });

  test("gets neither that nor the explorer where they are off", async () => {
    const other = await startGatewayProcess(["--supergraph", file, "--explorer", "off"]);
    try {
      expect(await (await page(`${other.url}/graphql`)).text()).not.toContain("sandbox");
      expect((await page(`${other.url}/explorer`)).status).toBe(404);
    } finally {
      await other.stop();
    }
  });
});

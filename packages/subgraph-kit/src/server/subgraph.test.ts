import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphQLError } from "graphql";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../config/parse-config.ts";
import { subgraphSettings } from "../config/subgraph-settings.ts";
import { pageSizeOutOfRange } from "../errors/index.ts";
import { anonymous, createIdentityIssuer, type IdentityIssuer } from "../identity/index.ts";
import { startSubgraph, type RunningSubgraph } from "./subgraph.ts";

const secret = "postgresql://role:secret@10.0.0.1 SELECT * FROM passwords";

const typeDefs = `
  type Query {
    fine(text: String): String
    broken: String
    brokenDeep: [Thing]
    rejected: String
    foreign: String
    onPurpose: String
    badScalar: Int
  }
  type Thing { id: ID broken: String! }
`;

let subgraph: RunningSubgraph;
let issuer: IdentityIssuer;
let authorization: string;
let lines: Record<string, unknown>[] = [];
let databaseIsThere = true;
let folder: string;

beforeAll(async () => {
  issuer = await createIdentityIssuer();
  folder = await mkdtemp(join(tmpdir(), "tributary-kit-"));
  const keys = join(folder, "gateway.jwks.json");
  await writeFile(keys, JSON.stringify(issuer.jwks));
  subgraph = await startSubgraph({
    name: "thing",
    typeDefs,
    resolvers: {
      Query: {
        fine: (_parent: unknown, { text }: { text?: string }) => text ?? "fine",
        broken: () => {
          throw new Error(secret);
        },
        brokenDeep: () => [{ id: "1" }, { id: "2" }],
        rejected: () => Promise.reject(new TypeError(secret)),
        foreign: () => {
          throw new GraphQLError(secret, {
            extensions: { code: "P2002", sql: secret, stacktrace: [secret] },
          });
        },
        onPurpose: () => {
          throw pageSizeOutOfRange(101, 1, 100);
        },
        badScalar: () => secret,
      },
      Thing: {
        broken: () => {
          throw new Error(secret);
        },
      },
    },
    config: parseConfig(subgraphSettings, {
      DATABASE_URL: "postgresql://localhost/thing",
      IDENTITY_JWKS: keys,
      BODY_LIMIT_BYTES: "2048",
      HEADERS_TIMEOUT_MS: "400",
      REQUEST_TIMEOUT_MS: "800",
    }),
    logger: pino(
      {},
      { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    ),
    createContext: (base) => base,
    ready: async () => {
      if (!databaseIsThere) throw new Error(secret);
    },
    close: async () => {},
  });
  authorization = `Bearer ${await issuer.issue(anonymous, "thing")}`;
});

beforeEach(() => {
  lines = [];
});

afterAll(async () => {
  await subgraph?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${subgraph.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization, ...headers },
    body,
  });
  const text = await response.text();
  expect(text).not.toContain("secret");
  return {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(text) as Record<string, unknown>,
  };
}

const ask = (query: string, rest: object = {}, headers: Record<string, string> = {}) =>
  post(JSON.stringify({ query, ...rest }), headers);

describe("an error that nobody made on purpose", () => {
  test.each(["broken", "rejected", "foreign", "badScalar"])("is masked: %s", async (field) => {
    const { status, body } = await ask(`{ fine ${field} }`, {}, { "x-request-id": "r-1" });
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { fine: "fine", [field]: null },
      errors: [
        {
          message: "Internal server error",
          path: [field],
          locations: [{ line: 1, column: 8 }],
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId: "r-1" },
        },
      ],
    });
  });

  test("is masked wherever it is, and takes the least with it", async () => {
    const { body } = await ask("{ brokenDeep { id broken } }");
    expect(body).toMatchObject({
      data: { brokenDeep: [null, null] },
      errors: [
        { message: "Internal server error", path: ["brokenDeep", 0, "broken"] },
        { message: "Internal server error", path: ["brokenDeep", 1, "broken"] },
      ],
    });
  });

  test("is logged with its stack and the request's id", async () => {
    await ask("{ broken }", {}, { "x-request-id": "r-2" });
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 50,
        requestId: "r-2",
        path: ["broken"],
        err: expect.objectContaining({ message: secret, stack: expect.stringContaining("subgraph.test.ts") }),
      }),
    );
  });
});

test("an error made on purpose arrives as it was made, and is no fault to be logged", async () => {
  const { body } = await ask("{ onPurpose }");
  expect(body["errors"]).toEqual([
    {
      message: "`first` must be from 1 to 100; it was 101.",
      path: ["onPurpose"],
      locations: [{ line: 1, column: 3 }],
      extensions: { code: "PAGE_SIZE_OUT_OF_RANGE", argument: "first", min: 1, max: 100 },
    },
  ]);
  expect(lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
});

describe("what is no operation that can be run", () => {
  test.each([
    ["no GraphQL", { query: "{" }, 400, "GRAPHQL_PARSE_FAILED"],
    ["another schema's", { query: "{ nothing }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
    [
      "an operation that is not there",
      { query: "query A { fine }", operationName: "B" },
      400,
      "OPERATION_RESOLUTION_FAILURE",
    ],
    [
      "a variable of another type",
      { query: "query ($t: String) { fine(text: $t) }", variables: { t: 1 } },
      400,
      "BAD_USER_INPUT",
    ],
    ["no query at all", {}, 400, "BAD_REQUEST"],
  ] as const)("is refused with its own code: %s", async (...[, body, status, code]) => {
    const answer = await post(JSON.stringify(body));
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  test("a body that is no JSON", async () => {
    const { status, body } = await post('{"query": "{ fine }"');
    expect([status, body]).toMatchObject([400, { errors: [{ extensions: { code: "BAD_USER_INPUT" } }] }]);
  });

  test("a body that is too large", async () => {
    const { status, body } = await ask(`{ fine(text: "${"x".repeat(2048)}") }`);
    expect([status, body]).toMatchObject([413, { errors: [{ extensions: { code: "PAYLOAD_TOO_LARGE" } }] }]);
  });

  test("without a token, nothing of it is read", async () => {
    const { status, headers, body } = await post(`{${"x".repeat(4096)}`, { authorization: "" });
    expect([status, body]).toMatchObject([401, { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] }]);
    expect(headers.get("www-authenticate")).toBe("Bearer");
  });

  test("with a token that is no good, or with two", async () => {
    const { status, headers } = await post("", { authorization: "Bearer a.b.c" });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token", error_description="/);

    const twice = request(`${subgraph.url}/graphql`, { method: "POST" });
    twice.setHeader("Authorization", [authorization, authorization]);
    const answered = once(twice, "response") as Promise<[IncomingMessage]>;
    twice.end();
    const [response] = await answered;
    response.resume();
    expect(response.statusCode).toBe(400);
    expect(response.headers["www-authenticate"]).toMatch(/^Bearer error="invalid_request"/);
  });
});

// Fastify sets a bound of 0, which is none.
test.each([
  ["nothing is sent", "", ""],
  ["a head drips", "POST /graphql HTTP/1.1\r\nHost: a\r\n", "x: y\r\n"],
  ["a body drips", "", " "],
  ["a body drips without a token", "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n", " "],
  ["the body of another path drips", "POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n", " "],
])("a connection is ended where %s", async (name, begin, drips) => {
  const head = [
    "POST /graphql HTTP/1.1",
    "Host: a",
    `Authorization: ${authorization}`,
    "Content-Type: application/json",
  ];
  const socket = connect({ port: Number(new URL(subgraph.url).port), host: "127.0.0.1" });
  socket.on("error", () => {});
  // Being cut off may look like an error.
  const closed = new Promise((resolve) => socket.resume().once("close", resolve));
  socket.write(name === "a body drips" ? [...head, "Content-Length: 2000", "", ""].join("\r\n") : begin);
  let sent = 0;
  const timer = setInterval(() => {
    if (drips !== "" && socket.writable) socket.write(drips.charAt(sent++ % drips.length));
  }, 40);
  await closed;
  clearInterval(timer);
  expect(socket.closed).toBe(true);
});

test("keys that cannot be fetched are told as such, and not as an internal error", async () => {
  const other = await startSubgraph({
    name: "thing",
    typeDefs,
    resolvers: {},
    config: parseConfig(subgraphSettings, {
      DATABASE_URL: "postgresql://localhost/thing",
      // Nothing listens there.
      IDENTITY_JWKS: "http://127.0.0.1:1/jwks.json",
    }),
    logger: pino({ level: "silent" }),
    createContext: (base) => base,
    ready: async () => {},
    close: async () => {},
  });
  try {
    const response = await fetch(`${other.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify({ query: "{ fine }" }),
    });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await response.json()).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: "KEYS_UNAVAILABLE" } }],
    });
  } finally {
    await other.stop();
  }
});

test("keys that are not in their file keep a subgraph from starting, with the setting's name", async () => {
  const start = startSubgraph({
    name: "thing",
    typeDefs,
    resolvers: {},
    config: parseConfig(subgraphSettings, {
      DATABASE_URL: "postgresql://localhost/thing",
      IDENTITY_JWKS: "/nowhere/jwks.json",
    }),
    logger: pino({ level: "silent" }),
    createContext: (base) => base,
    ready: async () => {},
    close: async () => {},
  });
  await expect(start).rejects.toMatchObject({
    name: "ConfigError",
    faults: [expect.stringMatching(/^IDENTITY_JWKS: \/nowhere\/jwks.json cannot be read/)],
  });
});

describe("the log of requests", () => {
  const requests = () => lines.filter(({ msg }) => msg === "request");

  test("has a line for each, with what it was and what it cost, and nothing of what it said", async () => {
    await ask("query Greeting($text: String) { fine(text: $text) }", { variables: { text: "confidential" } });
    expect(requests()).toEqual([
      expect.objectContaining({
        level: 30,
        operation: "Greeting",
        durationMs: expect.any(Number),
        sqlStatements: 0,
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      }),
    ]);
    expect(requests()[0]).not.toHaveProperty("errorCodes");
    expect(JSON.stringify(lines)).not.toMatch(/confidential|Bearer|eyJ/);
  });

  test("names the codes of errors", async () => {
    await ask("{ broken onPurpose }");
    expect(requests()).toMatchObject([
      { operation: "(anonymous)", errorCodes: ["INTERNAL_SERVER_ERROR", "PAGE_SIZE_OUT_OF_RANGE"] },
    ]);
  });

  test.each(["r-1", "A.b:c_9", "x".repeat(128)])("takes the id %j from whoever asks", async (id) => {
    const { headers } = await ask("{ fine }", {}, { "x-request-id": id });
    expect(requests()).toMatchObject([{ requestId: id }]);
    expect(headers.get("x-request-id")).toBe(id);
  });

  test.each(["", "two words", "x".repeat(129), '"}{"'])(
    "makes an id of its own in place of %j",
    async (id) => {
      await ask("{ fine }", {}, { "x-request-id": id });
      expect(requests()).toMatchObject([{ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
    },
  );
});

test("health tells whether, and not why not", async () => {
  const health = async (path: string) => {
    const response = await fetch(`${subgraph.url}/health/${path}`);
    return [response.status, await response.json()];
  };
  expect(await health("ready")).toEqual([200, { status: "ready" }]);
  databaseIsThere = false;
  try {
    expect(await health("live")).toEqual([200, { status: "live" }]);
    expect(await health("ready")).toEqual([503, { status: "not ready" }]);
  } finally {
    databaseIsThere = true;
  }
});

import { createServer } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  createIssuerFixture,
  listen,
  runGatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

const open: SubgraphFixture = {
  name: "open",
  sdl: `type Query { hello(name: String): String deep: Deep } type Deep { deep: Deep value: Int }`,
  resolvers: { Query: { hello: () => "hi", deep: () => ({ value: 1 }) } },
};
const guarded = `type Query { a: Int @authenticated b: Int @requiresScopes(scopes: [["b"]]) c: Int @policy(policies: [["night"]]) }`;

let folder: Awaited<ReturnType<typeof createFolder>>;
let jwks: string;
let issuerFlags: string[];
let subgraph: RunningSubgraph;
let openFile: string;

beforeAll(async () => {
  folder = await createFolder();
  const issuer = await createIssuerFixture();
  jwks = await folder.write("jwks.json", issuer.jwks);
  issuerFlags = issuer.flags(jwks);
  subgraph = await startSubgraph(open);
  openFile = await folder.write("open.graphql", compose([{ ...open, url: subgraph.url }]));
});

afterAll(async () => {
  await subgraph.stop();
  await folder.remove();
});

/** Faults end with exit code 2, a message, and no stack. */
async function refused(flags: string[], environment: Record<string, string> = {}): Promise<string> {
  const { code, output } = await runGatewayProcess(flags, environment);
  expect({ code, output }).toEqual({ code: 2, output: expect.not.stringMatching(/^\s+at /m) });
  return output;
}

describe("the gateway refuses to start", () => {
  test("with every fault in its settings named at once", async () => {
    const output = await refused(
      [
        "--port",
        "70000",
        "--subgraph-timeout",
        "soon",
        "--nonsense",
        "x",
        "--forward-header",
        "Host",
        "--forward-header",
        "Authorization",
        "--issuer",
        "i",
        "--cors-origin",
        "x",
        "--subgraph-url",
        "x",
      ],
      { GATEWAY_MAX_DEPTH: "-1", GATEWAY_JWT_ALGORITHMS: "HS256,none", GATEWAY_CLOCK_SKEW: "1000" },
    );
    for (const name of [
      "--supergraph",
      "--port",
      "--subgraph-timeout",
      "--nonsense",
      "--forward-header",
      "--audience",
      "--jwks",
      "--cors-origin",
      "--subgraph-url",
      "GATEWAY_MAX_DEPTH",
      "GATEWAY_JWT_ALGORITHMS",
      "GATEWAY_CLOCK_SKEW",
    ]) {
      expect(output).toContain(`  - ${name}: `);
    }
    expect(output).toContain("authorization cannot be passed on with --issuer");
  });

  test("with a bound for heads of requests beyond that for whole requests", async () => {
    const output = await refused(["--supergraph", openFile, "--headers-timeout", "300001"]);
    expect(output).toContain("--headers-timeout: must not be more than --request-timeout");
  });

  test("with files that cannot be read, all of them named", async () => {
    const output = await refused(["--supergraph", "/nowhere.graphql", "--policies", "/nowhere.json"]);
    expect(output).toContain("--supergraph: /nowhere.graphql");
    expect(output).toContain("--policies: /nowhere.json");
  });

  test("with a supergraph that asks for enforcement and no issuer", async () => {
    const file = await folder.write("guarded.graphql", compose([{ name: "g", sdl: guarded }]));
    const output = await refused(["--supergraph", file]);
    for (const part of [
      "@authenticated on Query.a",
      "@requiresScopes on Query.b",
      "@policy on Query.c",
      "--issuer",
      "--audience",
      "--jwks",
    ]) {
      expect(output).toContain(part);
    }
  });

  test("with a supergraph whose directives go by other names", async () => {
    const sdl = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{ name: "@authenticated", as: "@login" }])
      type Query { a: Int @login }`;
    const supergraph = compose([{ name: "g", sdl }]);
    expect(supergraph).toContain("@login");
    expect(await refused(["--supergraph", await folder.write("renamed.graphql", supergraph)])).toContain(
      "@login on Query.a",
    );
  });

  test("with policies that are not defined", async () => {
    const file = await folder.write("policy.graphql", compose([{ name: "g", sdl: guarded }]));
    const output = await refused(["--supergraph", file, ...issuerFlags]);
    expect(output).toContain('"night"');
    expect(output).toContain("--policies");
  });

  test("with a security feature that it does not know", async () => {
    const supergraph = compose([{ name: "g", sdl: `type Query { a: Int }`, url: subgraph.url }]);
    const unknown = supergraph.replace(
      "schema\n",
      'schema\n  @link(url: "https://example.com/vault/v1.0", for: SECURITY)\n',
    );
    expect(unknown).toContain("vault");
    expect(await refused(["--supergraph", await folder.write("vault.graphql", unknown)])).toContain("vault");
  });

  test.each([
    ["no GraphQL", "type Query {"],
    ["no supergraph", "type Query { a: Int }"],
  ])("with a file that is %s", async (_, text) => {
    expect(await refused(["--supergraph", await folder.write("bad.graphql", text)])).toContain(
      "bad.graphql cannot be served",
    );
  });

  test("with a subgraph that it cannot find", async () => {
    const file = await folder.write("nowhere.graphql", compose([{ ...open, url: "" }]));
    expect(await refused(["--supergraph", file])).toContain("--subgraph-url open=URL");
  });

  test.each([
    ["policies that are none", "--policies", "[]", "policies"],
    [
      "an identity key that is none",
      "--identity-key",
      '{"kty":"OKP","crv":"Ed25519","x":"secret"}',
      "private Ed25519",
    ],
  ])("with %s", async (_, flag, text, message) => {
    const file = await folder.write("fault.json", text);
    const output = await refused(["--supergraph", openFile, ...issuerFlags, flag, file]);
    expect(output).toContain(message);
    expect(output).not.toContain("secret");
  });

  test("on a port that is taken, and says so", async () => {
    const server = createServer();
    const port = new URL(await listen(server)).port;
    const { code, output } = await runGatewayProcess(["--supergraph", openFile, "--port", port]);
    server.close();
    expect(code).toBe(1);
    expect(output).toContain(`Port ${port} of 127.0.0.1 is taken`);
    expect(output).not.toMatch(/^\s+at /m);
  });
});

test("--help tells every setting and its name in the environment", async () => {
  const { code, output } = await runGatewayProcess(["--help"]);
  expect(code).toBe(0);
  for (const flag of ["--supergraph", "--forward-header", "--max-aliases", "GATEWAY_SUBGRAPH_TIMEOUT"])
    expect(output).toContain(flag);
});

describe("the gateway starts", () => {
  test("with settings from the environment, over which flags win", async () => {
    const gateway = await startGatewayProcess(["--introspection", "on"], {
      GATEWAY_SUPERGRAPH: openFile,
      GATEWAY_INTROSPECTION: "off",
      GATEWAY_FORWARD_HEADER: "X-One, x-two",
      GATEWAY_MAX_DEPTH: "2",
    });
    try {
      const { data } = await ask(
        gateway.url,
        `{ __schema { queryType { name } } }`
          .replace("{ name }", "{ __typename }")
          .replace("__schema { queryType { __typename } }", "__typename"),
      );
      expect(data).toEqual({ __typename: "Query" });
      expect((await ask(gateway.url, `{ __schema { description } }`)).errors).toEqual([]);
      expect((await ask(gateway.url, `{ deep { deep { value } } }`)).errors[0]?.extensions["code"]).toBe(
        "QUERY_TOO_LARGE",
      );
      await ask(gateway.url, `{ hello }`, { headers: { "x-one": "1", "X-Two": "2", "x-three": "3" } });
      expect(subgraph.received.at(-1)!.headers).toMatchObject({ "x-one": "1", "x-two": "2" });
      expect(subgraph.received.at(-1)!.headers).not.toHaveProperty("x-three");
    } finally {
      await gateway.stop();
    }
  });

  test("without identity: subgraphs get no token and no header of the client's, and no keys are published", async () => {
    const gateway = await startGatewayProcess(["--supergraph", openFile]);
    try {
      const { data } = await ask(gateway.url, `{ hello }`, {
        headers: { authorization: "Bearer whatever", cookie: "a=b", "x-forwarded-for": "1.2.3.4" },
      });
      expect(data).toEqual({ hello: "hi" });
      expect(Object.keys(subgraph.received.at(-1)!.headers).toSorted()).toEqual([
        "accept",
        "connection",
        "content-length",
        "content-type",
        "host",
        "x-request-id",
      ]);
      expect((await fetch(`${gateway.url}/.well-known/jwks.json`)).status).toBe(404);
    } finally {
      await gateway.stop();
    }
  });

  test("and hands on headers that it was told to, authorization too where it serves without identity", async () => {
    const gateway = await startGatewayProcess([
      "--supergraph",
      openFile,
      "--forward-header",
      "Authorization",
      "--forward-header",
      "x-tenant",
    ]);
    try {
      await ask(gateway.url, `{ hello }`, { headers: { authorization: "Bearer abc", "x-tenant": "t1" } });
      expect(subgraph.received.at(-1)!.headers).toMatchObject({
        authorization: "Bearer abc",
        "x-tenant": "t1",
      });
    } finally {
      await gateway.stop();
    }
  });

  test.each(["1", "2"])(
    "with bounds for slow clients, in each of its processes: --workers %s",
    async (workers) => {
      const gateway = await startGatewayProcess([
        ...["--supergraph", openFile, "--workers", workers, "--response-timeout", "1000"],
        ...["--headers-timeout", "200", "--request-timeout", "400", "--keep-alive-timeout", "300"],
      ]);
      try {
        const port = Number(new URL(gateway.url).port);
        const ended = async (text: string) => {
          const socket = connect({ port, host: "127.0.0.1" });
          let received = "";
          socket.on("error", () => {}).on("data", (chunk) => (received += String(chunk)));
          const closed = new Promise((resolve) => socket.once("close", resolve));
          socket.write(text);
          const timer = setInterval(() => socket.writable && socket.write(" "), 50);
          await closed;
          clearInterval(timer);
          return received;
        };
        const head = "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
        const all = ["", head, `${head}Content-Length: 1000\r\n\r\n`];
        const received = await Promise.all([...all, ...all].map(ended));
        expect(received.join("")).toContain("HTTP/1.1 408 ");
        expect((await ask(gateway.url, `{ hello }`)).data).toEqual({ hello: "hi" });
      } finally {
        await gateway.stop();
      }
    },
  );

  test("with a subgraph elsewhere than the supergraph says", async () => {
    const file = await folder.write(
      "elsewhere.graphql",
      compose([{ ...open, url: "http://open.invalid/graphql" }]),
    );
    const gateway = await startGatewayProcess([
      "--supergraph",
      file,
      "--subgraph-url",
      `open=${subgraph.url}`,
    ]);
    try {
      expect((await ask(gateway.url, `{ hello }`)).data).toEqual({ hello: "hi" });
    } finally {
      await gateway.stop();
    }
  });

  test("and stops after the requests that run, with exit code 0", async () => {
    const gateway = await startGatewayProcess(["--supergraph", openFile]);
    let arrived!: () => void;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    let answer!: () => void;
    subgraph.misbehave = (_, response) => {
      answer = () => void response.end('{"data":{"hello":"late"}}');
      arrived();
    };
    try {
      const running = ask(gateway.url, `{ hello }`);
      await arrival;
      const stopped = gateway.stop();
      // Once new connections are refused, the gateway is stopping for certain.
      while (
        await fetch(`${gateway.url}/health/live`).then(
          () => true,
          () => false,
        )
      );
      answer();
      expect((await running).data).toEqual({ hello: "late" });
      await stopped;
      expect(await gateway.exited).toBe(0);
    } finally {
      subgraph.misbehave = null;
      await gateway.stop();
    }
  });
});

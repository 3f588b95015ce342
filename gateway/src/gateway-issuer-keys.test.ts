import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startCluster } from "./gateway-cluster.fixture.ts";
import {
  ask,
  compose,
  createFolder,
  createIssuerFixture,
  type GatewayProcess,
  listen,
  runGatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
} from "./gateway.fixture.ts";

const service = {
  name: "s",
  sdl: "type Query { hello: String @authenticated }",
  resolvers: { Query: { hello: () => "hi" } },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let issuer: Awaited<ReturnType<typeof createIssuerFixture>>;
let subgraph: RunningSubgraph;
let supergraph: string;
let server: Server;
let url: string;
let answer: RequestListener;

const down: RequestListener = (request) => request.socket.destroy();
const well: RequestListener = (_, response) =>
  void response.writeHead(200, { connection: "close" }).end(issuer.jwks);

beforeAll(async () => {
  folder = await createFolder();
  issuer = await createIssuerFixture();
  subgraph = await startSubgraph(service);
  supergraph = await folder.write("s.graphql", compose([{ ...service, url: subgraph.url }]));
  server = createServer((request, response) => answer(request, response));
  url = `${await listen(server)}/jwks.json`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await subgraph.stop();
  await folder.remove();
});

const gateways: GatewayProcess[] = [];
afterEach(() => Promise.all(gateways.splice(0).map((gateway) => gateway.stop())));

const flags = () => ["--supergraph", supergraph, ...issuer.flags(url)];
async function start() {
  const gateway = await startGatewayProcess(flags());
  gateways.push(gateway);
  return gateway;
}
const statusOf = async (gateway: GatewayProcess, path: string) => {
  const response = await fetch(gateway.url + path, { headers: { connection: "close" } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("the gateway is not ready until it has read the issuer's keys, and serves those who need none of them", async () => {
  answer = down;
  const gateway = await start();
  expect(await statusOf(gateway, "/health/ready")).toMatchObject({
    status: 503,
    body: { status: "not ready", lacks: expect.stringContaining("issuer's keys") },
  });
  expect((await statusOf(gateway, "/health/live")).status).toBe(200);
  const token = await issuer.token({ sub: "u" });
  for (let count = 0; count < 3; count++) {
    const { status, headers, errors } = await ask(gateway.url, `{ hello }`, { token });
    expect({ status, retryAfter: headers.get("retry-after") }).toEqual({ status: 503, retryAfter: "5" });
    expect(errors).toMatchObject([{ extensions: { code: "KEYS_UNAVAILABLE" } }]);
  }
  expect((await ask(gateway.url, `{ __typename }`)).data).toEqual({ __typename: "Query" });

  answer = well;
  await expect
    .poll(async () => (await statusOf(gateway, "/health/ready")).status, { timeout: 60_000 })
    .toBe(200);
  expect((await ask(gateway.url, `{ hello }`, { token })).data).toEqual({ hello: "hi" });
  // An outage is told when it begins and when it ends, and not for each request.
  const told = gateway.log().filter(({ msg }) => String(msg).startsWith("the issuer's keys can"));
  expect(told.map(({ msg, kept }) => [msg, kept])).toEqual([
    ["the issuer's keys cannot be read", false],
    ["the issuer's keys can be read again", undefined],
  ]);
  expect(gateway.output()).not.toContain("unforeseen");
});

test("a worker that begins while the keys cannot be read has them of the others", async () => {
  answer = well;
  const cluster = await startCluster(flags());
  gateways.push(cluster);
  answer = down;
  const before = new Set(cluster.pids().values());
  await cluster.after("all workers are new", () => cluster.signal("SIGHUP"));
  expect([...cluster.pids().values()].filter((pid) => before.has(pid))).toEqual([]);
  for (let count = 0; count < 6; count++) {
    const token = await issuer.token({ sub: `u${count}` });
    expect((await ask(cluster.url, `{ hello }`, { token, headers: { connection: "close" } })).data).toEqual({
      hello: "hi",
    });
    expect((await statusOf(cluster, "/health/ready")).status).toBe(200);
  }
  expect(cluster.log()).toContainEqual(
    expect.objectContaining({ msg: "the issuer's keys cannot be read", kept: true }),
  );
});

describe("--jwks with a file ends with exit code 2", () => {
  test.each<[string, string | null, string]>([
    ["that is missing", null, "cannot be read: ENOENT"],
    ["that is no JSON", "no", "is not JSON"],
    ["that is no JSON Web Key Set", "{}", "is no JSON Web Key Set"],
    ["that holds no keys", '{"keys":[]}', "holds no keys"],
  ])("%s", async (name, text, message) => {
    const file = text === null ? "/nowhere/jwks.json" : await folder.write(`${name}.json`, text);
    for (const workers of ["1", "2"]) {
      const { code, output } = await runGatewayProcess([
        ...["--supergraph", supergraph, "--workers", workers, "--policies", "/nowhere.json"],
        ...issuer.flags(file),
      ]);
      expect({ code, output }).toEqual({
        code: 2,
        output: expect.stringContaining(`--jwks: ${file} ${message}`),
      });
      // With all other faults.
      expect(output).toContain("--policies: /nowhere.json");
      expect(output).not.toMatch(/^\s+at /m);
    }
  });
});

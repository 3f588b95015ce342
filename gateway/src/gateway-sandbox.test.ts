import { afterAll, beforeAll, expect, test } from "vitest";
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
  sdl: "type Query { hello: String }",
  resolvers: { Query: { hello: () => "hi " } },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraph: RunningSubgraph;
let gateway: GatewayProcess;
let file: string;

beforeAll(async () => {
  folder = await createFolder();
  subgraph = await startSubgraph(service);
  file = await folder.write("supergraph.graphql", compose([{ ...service, url: subgraph.url }]));
  gateway = await startGatewayProcess(["--supergraph", file]);
});

afterAll(async () => {
  await gateway?.stop();
  await subgraph?.stop();
  await folder?.remove();
});

test("Apollo Sandbox may call while the explorer is on, and is told plans", async () => {
  const origin = "https://studio.apollographql.com";
  const preflight = (url: string, headers: Record<string, string>) =>
    fetch(`${url}/graphql`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", ...headers },
    });
  const wanted = "apollo-query-plan-experimental,authorization,content-type";
  const allowed = await preflight(gateway.url, { "access-control-request-headers": wanted });
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
  expect(allowed.headers.get("access-control-allow-headers")).toBe(wanted);
  expect(allowed.headers.get("access-control-allow-methods")).toBe("GET, POST");
  const others = await preflight(gateway.url, { origin: "https://evil.example" });
  expect(others.headers.get("access-control-allow-origin")).toBeNull();

  // More often than is needed for an answer that is kept for others.
  for (let time = 0; time < 4; time++) {
    const asked = await ask(gateway.url, "{ hello }", {
      headers: { origin, "apollo-query-plan-experimental": "1" },
    });
    expect(asked.data).toEqual({ hello: "hi " });
    expect(asked.headers.get("access-control-allow-origin")).toBe(origin);
    expect(JSON.parse(asked.text)).toMatchObject({
      extensions: { __queryPlanExperimental: expect.stringMatching(/^QueryPlan \{\n {2}Fetch/) as string },
    });
    const plain = await ask(gateway.url, "{ hello }", { headers: { origin } });
    expect(plain.headers.get("access-control-allow-origin")).toBe(origin);
    expect(plain.text).toBe('{"data":{"hello":"hi "}}\n');
    const other = await ask(gateway.url, "{ hello }");
    expect([other.headers.get("vary"), other.headers.get("access-control-allow-origin")]).toEqual([
      null,
      null,
    ]);
  }

  const closed = await startGatewayProcess(["--supergraph", file, "--explorer", "off"]);
  try {
    const refused = await preflight(closed.url, {});
    expect(refused.headers.get("access-control-allow-origin")).toBeNull();
    const asked = await ask(closed.url, "{ hello }", {
      headers: { "apollo-query-plan-experimental": "1" },
    });
    expect(asked.text).toBe('{"data":{"hello":"hi "}}\n');
  } finally {
    await closed.stop();
  }
});

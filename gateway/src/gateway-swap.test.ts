import { rename, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
} from "./gateway.fixture.ts";

const resolvers = { Query: { hello: () => "hi", bye: () => "bye" } };
const service = (fields: string) => ({ name: "s", sdl: `type Query { ${fields} }`, resolvers });

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraph: RunningSubgraph;
let gateway: GatewayProcess;
let file: string;
let small: string;
let large: string;

beforeAll(async () => {
  folder = await createFolder();
  subgraph = await startSubgraph(service("hello: String bye: String"));
  small = compose([{ ...service("hello: String"), url: subgraph.url }]);
  large = compose([{ ...service("hello: String bye: String"), url: subgraph.url }]);
  file = await folder.write("supergraph.graphql", small);
  gateway = await startGatewayProcess(["--supergraph", file]);
});

afterAll(async () => {
  await gateway.stop();
  await subgraph.stop();
  await folder.remove();
});

type Ready = { status: string; supergraph: { hash: string; refused: string | null } };
const ready = async () => (await (await fetch(`${gateway.url}/health/ready`)).json()) as Ready;

const renameOver = async (text: string) => {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
};
/** As editors and slow copies do: for a while the file is empty, then half there. */
const writeSlowly = async (text: string) => {
  await writeFile(file, "");
  await writeFile(file, text.slice(0, text.length / 2));
  await writeFile(file, text);
};
const swaps = () => gateway.log().filter((line) => line["msg"] === "supergraph swapped").length;

/** Changes the file and waits for the swap that must follow. */
async function swap(change: (text: string) => Promise<void>, text: string): Promise<void> {
  const before = swaps();
  await change(text);
  await gateway.logged(() => swaps() > before);
}

test("a supergraph that was renamed over the old one, or written in place, is served, time and again", async () => {
  for (const change of [renameOver, writeSlowly, renameOver, renameOver, writeSlowly, writeSlowly]) {
    expect((await ask(gateway.url, `{ bye }`)).errors[0]?.extensions["code"]).toBe(
      "GRAPHQL_VALIDATION_FAILED",
    );
    const { hash } = (await ready()).supergraph;
    await swap(change, large);
    expect((await ask(gateway.url, `{ bye }`)).data).toEqual({ bye: "bye" });
    expect((await ready()).supergraph.hash).not.toBe(hash);
    await swap(change, small);
    expect((await ready()).supergraph.hash).toBe(hash);
  }
});

test.each([
  ["is no GraphQL", "type Query {", /not GraphQL/],
  ["is no supergraph", "type Query { hello: String }", /./],
  [
    "asks for what nothing enforces",
    () => compose([{ name: "s", sdl: `type Query { hello: String @authenticated }`, url: subgraph.url }]),
    /--issuer/,
  ],
])("a new supergraph that %s is refused, and the last good one kept", async (_, text, reason) => {
  const before = await ready();
  const refusals = () => gateway.log().filter((line) => line["msg"] === "supergraph refused");
  const count = refusals().length;
  await renameOver(typeof text === "string" ? text : text());
  await gateway.logged(() => refusals().length > count);
  expect(refusals().at(-1)).toMatchObject({
    reason: expect.stringMatching(reason),
    kept: before.supergraph.hash,
  });
  const after = await ready();
  expect(after.supergraph).toEqual({ hash: before.supergraph.hash, refused: expect.any(String) });
  expect(after.supergraph.refused).toBe(refusals().at(-1)!["supergraph"]);
  expect((await ask(gateway.url, `{ hello }`)).data).toEqual({ hello: "hi" });
  // Mended, it is taken again.
  await swap(renameOver, large);
  expect((await ready()).supergraph.refused).toBeNull();
  await swap(renameOver, small);
});

test("no request is dropped while supergraphs are swapped under load", async () => {
  const load = { running: true, answered: 0 };
  const client = async () => {
    while (load.running) {
      const { status, data, errors } = await ask(gateway.url, `{ hello alias${load.answered % 7}: hello }`);
      expect({ status, errors, hello: data?.hello }).toEqual({ status: 200, errors: [], hello: "hi" });
      load.answered += 1;
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  for (let round = 0; round < 5; round++) {
    await swap(renameOver, large);
    await swap(writeSlowly, small);
  }
  load.running = false;
  await clients;
  expect(load.answered).toBeGreaterThan(50);
});

test("an operation that runs ends on the supergraph that it began on", async () => {
  await swap(renameOver, large);
  let arrived!: () => void;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  let answer!: () => void;
  subgraph.misbehave = (_, response) => {
    answer = () => void response.end('{"data":{"bye":"late"}}');
    arrived();
  };
  const running = ask(gateway.url, `{ bye }`);
  await arrival;
  subgraph.misbehave = null;
  await swap(renameOver, small);
  answer();
  expect((await running).data).toEqual({ bye: "late" });
});

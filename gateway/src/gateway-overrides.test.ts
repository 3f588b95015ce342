import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  type RunningSubgraph,
  runGatewayProcess,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"])\n`;
const fields = ["always", "never", "half", "chosen"];

const old: SubgraphFixture = {
  name: "old",
  sdl: `${link} type Query { item: Item } type Item @key(fields: "id") { id: ID! ${fields.map((name) => `${name}: String`).join(" ")} }`,
  resolvers: {
    Query: { item: () => ({ id: "1" }) },
    Item: Object.fromEntries(fields.map((name) => [name, () => "old"])),
  },
};

const next: SubgraphFixture = {
  name: "next",
  sdl: `${link} type Query { root: String } type Item @key(fields: "id") {
    id: ID!
    always: String @override(from: "old", label: "percent(100)")
    never: String @override(from: "old", label: "percent(0)")
    half: String @override(from: "old", label: "percent(50)")
    chosen: String @override(from: "old", label: "move-chosen")
  }`,
  resolvers: {
    Query: { root: () => "root" },
    Item: {
      __resolveReference: (one: object) => one,
      ...Object.fromEntries(fields.map((name) => [name, () => "next"])),
    },
  },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let file: string;
const subgraphs: RunningSubgraph[] = [];

beforeAll(async () => {
  folder = await createFolder();
  for (const each of [old, next]) subgraphs.push(await startSubgraph(each));
  const composed = compose(
    [old, next].map((each, at) => Object.assign({}, each, { url: subgraphs[at]!.url })),
  );
  file = await folder.write("supergraph.graphql", composed);
});

afterAll(async () => {
  for (const each of subgraphs) await each.stop();
  await folder.remove();
});

async function askedOften(flags: readonly string[]) {
  const gateway = await startGatewayProcess(["--supergraph", file, ...flags]);
  try {
    const seen = Object.fromEntries(fields.map((name) => [name, new Set<string>()]));
    // One draw decides: that all come from one side is as likely as heads sixty times.
    for (let times = 0; times < 60; times++) {
      const { data, errors } = await ask(gateway.url, `{ item { always never half chosen } }`);
      expect(errors).toEqual([]);
      for (const name of fields) seen[name]!.add(data.item[name] as string);
    }
    const log = gateway.log();
    return { seen: Object.fromEntries(fields.map((name) => [name, [...seen[name]!].toSorted()])), log };
  } finally {
    await gateway.stop();
  }
}

test("fields with @override(label:) always came from the old subgraph, without a word", async () => {
  const { seen, log } = await askedOften([]);
  expect(seen).toEqual({ always: ["next"], never: ["old"], half: ["next", "old"], chosen: ["old"] });
  const told = log.find(({ overrides }) => overrides !== undefined);
  expect(told?.["overrides"]).toContainEqual({ field: "Item.chosen", from: "old", label: "move-chosen" });
});

test("a label of one's own is on where the gateway is told so", async () => {
  const { seen, log } = await askedOften([
    "--override-label",
    "move-chosen",
    "--override-label",
    "move-nothing",
  ]);
  expect(seen["chosen"]).toEqual(["next"]);
  expect(log.filter(({ level }) => Number(level) >= 40)).toMatchObject([{ labels: ["move-nothing"] }]);
});

test("a label that is none is refused at the start", async () => {
  const { code, output } = await runGatewayProcess(["--supergraph", file, "--override-label", "percent(5)"]);
  expect([code, output]).toEqual([2, expect.stringContaining("percent(x) needs no setting")]);
});

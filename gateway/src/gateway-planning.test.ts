import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ask,
  createFolder,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
} from "./gateway.fixture.ts";
import { startGrowthSubgraphs } from "./growth.fixture.ts";

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraphs: readonly RunningSubgraph[];
let gateway: GatewayProcess;
let file: string;

beforeAll(async () => {
  folder = await createFolder();
  const started = await startGrowthSubgraphs();
  ({ subgraphs } = started);
  file = await folder.write("supergraph.graphql", started.supergraph);
  gateway = await startGatewayProcess(["--supergraph", file, "--planning-timeout", "1500"]);
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(subgraphs.map((each) => each.stop()));
  await folder.remove();
});

/** Fragments F0 to Fn, each of which is made with the name of the next one, and `last` at the end. */
function levels(
  n: number,
  type: string,
  { each, last }: { each: (next: string) => string; last: string },
): string {
  const fragments = Array.from(
    { length: n },
    (_, level) => `fragment F${level} on ${type} { ${each(`...F${level + 1}`)} }`,
  );
  return `${fragments.join(" ")} fragment F${n} on ${type} { ${last} }`;
}

const twoTypes = (next: string) => `id ... on User { node { ${next} } } ... on Post { node { ${next} } }`;
const documents: Readonly<Record<string, (n: number) => string>> = {
  "spread twice": (n) =>
    `{ deep { ...F0 } } ${levels(n, "Deep", { each: (next) => `${next} ${next}`, last: "n" })}`,
  "two types": (n) => `{ node { ...F0 } } ${levels(n, "Node", { each: twoTypes, last: "id" })}`,
  "two types in a mutation": (n) =>
    `mutation { go { node { ...F0 } } } ${levels(n, "Node", { each: twoTypes, last: "id" })}`,
  "spread inside of inline fragments": (n) =>
    `{ deep { ...F0 } } ${levels(n, "Deep", { each: (next) => `... { ${next} } ... on Deep { ${next} }`, last: "n" })}`,
  "spread in two fields of one name": (n) =>
    `{ user { ...F0 } } ${levels(n, "User", { each: (next) => `friend { ${next} } friend { ${next} }`, last: "age" })}`,
  "spread under two names": (n) =>
    `{ user { ...F0 } } ${levels(n, "User", { each: (next) => `a: friend { ${next} } b: friend { ${next} }`, last: "age" })}`,
  "spread under two conditions": (n) =>
    `query($v: Boolean = true) { deep { ...F0 } } ${levels(n, "Deep", { each: (next) => `${next} @include(if: $v) ${next} @skip(if: $v)`, last: "n" })}`,
  "spread at the root": (n) =>
    `{ ...F0 } ${levels(n, "Query", { each: (next) => `${next} ... { ${next} }`, last: "deep { n }" })}`,
  "spread at the root of a mutation": (n) =>
    `mutation { ...F0 } ${levels(n, "Mutation", { each: (next) => `${next} ... { ${next} }`, last: "count" })}`,
  "spread in the schema's description": (n) =>
    `{ __schema { types { ...F0 } } } ${levels(n, "__Type", { each: (next) => `a: ofType { ${next} } b: ofType { ${next} }`, last: "name" })}`,
};

/** Asks whether the gateway is alive, again and again, until that is not wanted any more. */
async function watch(url: string, signal: AbortSignal): Promise<number> {
  let answers = 0;
  while (!signal.aborted) {
    const { status } = await fetch(`${url}/health/live`);
    expect(status).toBe(200);
    answers++;
    await sleep(20);
  }
  return answers;
}

const CODES = new Set([
  "QUERY_TOO_LARGE",
  "QUERY_PLANNING_TIMEOUT",
  "QUERY_PLANNING_OVERLOADED",
  "GRAPHQL_VALIDATION_FAILED",
]);

test.each(Object.entries(documents))(
  "an operation that is nested ever deeper, %s, is answered or rejected while health is answered",
  async (_name, document) => {
    for (const n of [2, 10, 12, 14, 40, 100, 1_000]) {
      const done = new AbortController();
      const watched = watch(gateway.url, done.signal);
      const { status, errors } = await ask(gateway.url, document(n)).finally(() => done.abort());
      expect(await watched).toBeGreaterThan(0);
      const codes = errors.map(({ extensions }) => String(extensions["code"]));
      // What is small is answered, whatever its kind. Of what is large, a subgraph may take less than the gateway does.
      if (n === 2) expect({ status, errors }).toEqual({ status: 200, errors: [] });
      if (status === 200) continue;
      expect({ n, codes: codes.filter((code) => !CODES.has(code)) }).toEqual({ n, codes: [] });
    }
  },
);

test("a fragment that is spread twice at each of 40 levels is no larger than one that is spread once", async () => {
  const { status, data } = await ask(gateway.url, documents["spread twice"]!(40));
  expect({ status, data }).toEqual({ status: 200, data: { deep: { n: 1 } } });
});

test("an operation whose planning takes too long is rejected by that, and at once when it is sent again", async () => {
  const query = documents["two types"]!(10);
  const first = await ask(gateway.url, query);
  expect(first.status).toBe(400);
  expect(first.errors).toEqual([
    {
      message: "Planning the operation takes longer than the 1500 ms that it may take.",
      extensions: { code: "QUERY_PLANNING_TIMEOUT" },
    },
  ]);
  expect((await ask(gateway.url, query)).errors).toEqual(first.errors);
  expect(gateway.log().filter(({ msg }) => msg === "unforeseen error")).toEqual([]);
});

test("an operation with too many selections is told how many it has, and how many are taken", async () => {
  const { status, errors } = await ask(gateway.url, documents["two types"]!(13));
  expect(status).toBe(400);
  expect(errors).toEqual([
    {
      message:
        "The operation selects 65531 fields and fragments once its fragments are written out; at most 10000 are taken.",
      extensions: { code: "QUERY_TOO_LARGE" },
    },
  ]);
});

test("the schema's description is given a few times, not hundreds of times", async () => {
  const whole = "__schema { types { name fields { name args { name type { name } } type { name } } } }";
  const asked = (times: number) =>
    `{ ${Array.from({ length: times }, (_, index) => `a${index}: ${whole}`).join(" ")} }`;
  expect((await ask(gateway.url, asked(3))).errors).toEqual([]);
  const { status, errors } = await ask(gateway.url, asked(450));
  expect(status).toBe(400);
  expect(errors[0]?.extensions["code"]).toBe("QUERY_TOO_LARGE");
});

test("SIGTERM ends a gateway in order that plans what would take minutes", async () => {
  const stopped = await startGatewayProcess(["--supergraph", file, "--planning-timeout", "600000"]);
  await ask(stopped.url, "{ deep { n } }");
  // One of them is planned, the others wait for their turn.
  const asked = [0, 1, 2].map((index) => ask(stopped.url, `${documents["two types"]!(10)} # ${index}`));
  await sleep(300);
  process.kill(stopped.pid, "SIGTERM");
  for (const { status, errors } of await Promise.all(asked)) {
    expect([400, 503]).toContain(status);
    expect(errors[0]?.extensions["code"]).toMatch(/^QUERY_PLANNING_/);
  }
  expect(await stopped.exited).toBe(0);
});

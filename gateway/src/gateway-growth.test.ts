import { existsSync } from "node:fs";
import fc from "fast-check";
import { Lexer, Source, TokenKind } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createFolder,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
} from "./gateway.fixture.ts";
import {
  deepFamilies,
  type Family,
  longFamilies,
  mainThreadTime,
  startGrowthSubgraphs,
} from "./growth.fixture.ts";

/*
 * Looks for documents that cost more than in proportion to their size: documents of one kind, ever longer, up to as many
 * tokens as the gateway takes. What is measured is the time that the gateway's main thread works, in multiples of what
 * a plain document takes.
 */
const MAX_TOKENS = 15_000;
const TIMES_PLAIN = 25;

let folder: Awaited<ReturnType<typeof createFolder>>;
let subgraphs: readonly RunningSubgraph[];
let gateway: GatewayProcess;
let plain = 0;

beforeAll(async () => {
  folder = await createFolder();
  const started = await startGrowthSubgraphs();
  ({ subgraphs } = started);
  const file = await folder.write("supergraph.graphql", started.supergraph);
  // Of the limits that would hide others, as little as can be. A plan is given up soon, as that is not what is looked at.
  const limits = ["--max-depth", "300", "--max-aliases", "5000", "--planning-timeout", "1000"];
  gateway = await startGatewayProcess(["--supergraph", file, "--usage-file", `${file}.usage`, ...limits]);
  const fields = Array.from({ length: 400 }, (_, index) => `a${index}: user { id name age }`);
  // The first one pays for what is loaded late and compiled by the engine.
  for (const name of ["first", "second"]) plain = await cost(`query ${name} { ${fields.join(" ")} }`);
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(subgraphs.map((each) => each.stop()));
  await folder.remove();
});

/** How long the main thread works for the first two requests of a document, in milliseconds: code is generated for the second. */
async function cost(query: string): Promise<number> {
  const before = await mainThreadTime(gateway.pid);
  const variables = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`v${index}`, true]));
  for (let each = 0; each < 2; each++) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    await response.arrayBuffer();
  }
  return (await mainThreadTime(gateway.pid)) - before;
}

function tokensOf(text: string): number {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  while (lexer.advance().kind !== TokenKind.EOF) count++;
  return count;
}

/** Sends ever longer documents. Fails at one that costs too much. */
async function expectGrowth({ name, document }: Family): Promise<void> {
  // Some kinds of nesting are no longer for more levels.
  for (let n = 8; n <= MAX_TOKENS; n *= 8) {
    const text = document(n);
    if (text.length > 500_000 || tokensOf(text) > MAX_TOKENS) return;
    const times = (await cost(text)) / Math.max(plain, 10);
    expect(times, `${name}, ${n} of them, as many times a plain document`).toBeLessThan(TIMES_PLAIN);
  }
}

// Where the time of one thread can be read.
describe.runIf(existsSync("/proc/self/task"))("work grows no faster than the document", () => {
  test.each(longFamilies)("of many $name", expectGrowth);

  test("of many levels, whatever they are nested by", async () => {
    const seed = Number(process.env.TEST_SEED ?? Date.now()) % 2 ** 31;
    const numRuns = Number(process.env.GROWTH_FAMILIES ?? 4);
    for (const family of fc.sample(deepFamilies, { seed, numRuns })) {
      await expectGrowth({ ...family, name: `seed ${seed}: ${family.name}` });
      expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
    }
  });
});

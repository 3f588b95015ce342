import { readFileSync } from "node:fs";
import path from "node:path";
import { importDirectory, importedId } from "@tributary/datasets";
import { startStack } from "@tributary/stack";
import { expect, it } from "vitest";
import { askApi } from "../support/api.ts";
import { classicModelsDir } from "../support/classicmodels.ts";

/*
 * The figures of the README: from nothing to the first answer, the flagship query's time and SQL statements on imported
 * data, and the memory of each process. The sample data set stands in where the Classic Models files are absent.
 */

const ROUNDS = 5;
const REQUESTS = 300;
const query = readFileSync(
  new URL("../../schema/operations/customer-with-payment-history.graphql", import.meta.url),
  "utf8",
);
const dataset = classicModelsDir
  ? { dir: classicModelsDir, name: "Classic Models", customer: "124" }
  : {
      dir: path.resolve(import.meta.dirname, "../../packages/datasets/sample"),
      name: "sample",
      customer: "1001",
    };

const quantile = (sorted: readonly number[], q: number) => sorted[Math.floor(q * (sorted.length - 1))]!;
const median = (values: readonly number[]) =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

/** Resident memory of a process in MB, as the kernel has it; null where it does not say. */
function memoryOf(pid: number): number | null {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line ? Number(line[1]) / 1024 : null;
  } catch {
    return null;
  }
}

it("measures the flagship query", async () => {
  const begin = performance.now();
  const seeded = await startStack({ seedCustomers: 1000 });
  const first = await askApi(seeded.gatewayUrl, await seeded.token("admin"), {
    query,
    variables: { id: seeded.sampleCustomerId },
  });
  const firstAnswer = performance.now() - begin;
  expect(first.errors).toEqual([]);
  await seeded.stop();

  const stack = await startStack({ seedCustomers: false });
  await importDirectory({
    dir: dataset.dir,
    urls: stack.databases,
    rejects: path.join(stack.paths.dataDir, "rejects.csv"),
  });
  const token = await stack.token("admin");
  const ask = () =>
    askApi(stack.gatewayUrl, token, { query, variables: { id: importedId("customers", dataset.customer) } });

  const rounds: { p50: number; p99: number }[] = [];
  await measureRound(ask);
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureRound(ask));

  const { statements, answered } = await statementsOf(stack, ask);
  expect(answered.errors).toEqual([]);
  const lines: [string, string][] = [
    ["first answer, from nothing, 1,000 customers", `${(firstAnswer / 1000).toFixed(1)} s`],
    [`flagship query on ${dataset.name}, p50`, `${median(rounds.map(({ p50 }) => p50)).toFixed(1)} ms`],
    [`flagship query on ${dataset.name}, p99`, `${median(rounds.map(({ p99 }) => p99)).toFixed(1)} ms`],
    ["size of its answer", `${(JSON.stringify(answered).length / 1024).toFixed(1)} KB`],
    ...Object.entries(statements).map(([name, count]): [string, string] => [
      `SQL statements, ${name}`,
      `${count}`,
    ]),
    ...Object.entries({ gateway: stack.gateway!, ...stack.subgraphs }).map(
      ([name, { pid }]): [string, string] => [
        `resident memory, ${name}`,
        `${memoryOf(pid)?.toFixed(0) ?? "?"} MB`,
      ],
    ),
  ];
  console.log(lines.map(([what, figure]) => `${what.padEnd(48)} ${figure.padStart(10)}`).join("\n"));
  await stack.stop();
});

async function measureRound(ask: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** What each service logged of one more request. */
async function statementsOf<Answer>(
  { subgraphs }: Awaited<ReturnType<typeof startStack>>,
  ask: () => Promise<Answer>,
): Promise<{ statements: Record<string, number>; answered: Answer }> {
  const count = () =>
    Object.entries(subgraphs).map(([name, child]) => {
      const requests = child
        .logs()
        .map((line) => JSON.parse(line) as { msg?: string; sqlStatements?: number })
        .filter(({ msg }) => msg === "request");
      return [name, requests.reduce((sum, { sqlStatements = 0 }) => sum + sqlStatements, 0)] as const;
    });
  const before = Object.fromEntries(count());
  const answered = await ask();
  const statements = await expect
    .poll(() => Object.fromEntries(count().map(([name, total]) => [name, total - before[name]!])))
    .toSatisfy((counted: Record<string, number>) => Object.values(counted).every((each) => each > 0))
    .then(() => Object.fromEntries(count().map(([name, total]) => [name, total - before[name]!])));
  return { statements, answered };
}

import os from "node:os";
import { measureCold } from "./cold/measure-cold.ts";
import type { BenchmarkConfig } from "./config.ts";
import { buildGateway } from "./contestants/build-gateway.ts";
import { type Contestant, CONTESTANTS } from "./contestants/contestants.ts";
import type { Floor } from "./contestants/floor.process.ts";
import { askOnce, type RunningContestant, startContestant } from "./contestants/start.ts";
import { measureRound, putLoad, type Sample } from "./measure.ts";
import { ask, canPin, stopProcess } from "./processes.ts";
import { renderCold, renderReady } from "./report/cold-table.ts";
import { median } from "./report/statistics.ts";
import { renderAims, type WorkResult } from "./report/aims-table.ts";
import type { Row } from "./report/row.ts";
import { renderWork } from "./report/work-table.ts";
import { onStage, type Stage } from "./stage.ts";
import type { Call } from "./subgraphs/messages.ts";
import { forgetPeak, readUsage } from "./usage.ts";
import { type Work, WORKS } from "./works.ts";

export type Print = (line: string) => void;

/** Runs the benchmark, and prints a table for each work. A contestant that fails is named, and the others go on. */
export async function runBenchmark(config: BenchmarkConfig, print: Print): Promise<void> {
  if (!canPin) print("Processes cannot be kept to a core of their own here: figures are less steady.");
  print(
    `Load of the machine before: ${os.loadavg()[0]?.toFixed(1)}. The higher, the less steady the figures.`,
  );
  if (config.gateway === "built" && config.contestants.includes("ours")) buildGateway();
  await onStage(async (stage) => {
    const results: WorkResult[] = [];
    for (const work of WORKS.filter(({ key }) => config.works.includes(key)))
      results.push({ work, rows: await runWork({ ...stage, config, print }, work) });
    try {
      print(renderCold(await measureCold(stage.supergraphFile, WORKS[0]?.query ?? "", config.starts)));
    } catch (error) {
      print(`\nThe first steps were not measured: ${String(error)}`);
    }
    print(renderReady(readyTimes(results)));
    print(renderAims(results));
  });
}

/** What each contestant took to its first answer: the median of its starts. */
function readyTimes(results: readonly WorkResult[]): (readonly [name: string, milliseconds: number])[] {
  const byName = Map.groupBy(
    results.flatMap(({ rows }) => rows),
    ({ contestant }) => contestant.name,
  );
  return [...byName].map(([name, rows]) => [name, median(rows.map((row) => row.readyMilliseconds))]);
}

interface Run extends Stage {
  readonly config: BenchmarkConfig;
  readonly print: Print;
}

/** A contestant that has been prepared, and its rounds so far. */
interface Entry {
  readonly running: RunningContestant;
  /** Length of its answer. */
  readonly bytes: number;
  readonly samples: Sample[];
  failed: boolean;
}

/** Measures all contestants on one work, and prints their table. */
async function runWork(stage: Run, work: Work): Promise<readonly Row[]> {
  const { config, print } = stage;
  print(`\n${work.name}`);
  const entries: Entry[] = [];
  const failures: string[] = [];
  const fail = ({ name }: Contestant, error: unknown) => {
    print(`  ${name}: failed`);
    failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  };
  try {
    const prepared: Prepared = { expected: undefined, floor: undefined };
    for (const contestant of CONTESTANTS.filter(({ key }) => config.contestants.includes(key))) {
      try {
        const entry = await prepare(stage, contestant, { work, prepared });
        entries.push(entry);
        print(
          `  ${contestant.name}: ready after ${(entry.running.readyMilliseconds / 1000).toFixed(2)} s, warm`,
        );
      } catch (error) {
        fail(contestant, error);
      }
    }
    for (let round = 1; round <= config.rounds; round++) {
      print(`  round ${round} of ${config.rounds}`);
      for (const entry of entries.filter(({ failed }) => !failed)) {
        const { running, bytes, samples } = entry;
        try {
          await putLoad(stage.load, {
            ...config,
            ...work,
            url: running.url,
            bytes,
            seconds: config.leadInSeconds,
          });
          samples.push(await measureRound(stage, running, { work, ...config, bytes }));
        } catch (error) {
          entry.failed = true;
          fail(running.contestant, await endFailed(running, error));
        }
      }
    }
    const rows = entries.filter(({ failed }) => !failed).map(rowOf);
    print(renderWork(work, rows));
    for (const failure of failures) print(`  not measured: ${failure}`);
    return rows;
  } finally {
    await Promise.all(entries.map(({ running }) => stopProcess(running)));
  }
}

/** What contestants leave for those behind them. */
interface Prepared {
  /** The data of the right answer, as the first contestant gave it. */
  expected: string | undefined;
  floor: Floor | undefined;
}

/** Starts a contestant, compares its answer, and warms it up. */
async function prepare(
  stage: Run,
  contestant: Contestant,
  { work, prepared }: { readonly work: Work; readonly prepared: Prepared },
): Promise<Entry> {
  const { config } = stage;
  const running = await startContestant(contestant, { ...stage, ...config, work, floor: prepared.floor });
  try {
    const body = await askOnce(running.url, work);
    const data = dataOf(body);
    prepared.expected ??= data;
    if (data !== prepared.expected)
      throw new Error(`its answer is not that of ${CONTESTANTS[0]?.name}: ${body.slice(0, 300)}`);
    if (contestant.key === "ours-bare")
      prepared.floor = await recordFloor(stage, running, { work, answer: body });
    const bytes = Buffer.byteLength(body);
    await measureRound(stage, running, { ...config, work, bytes, seconds: config.warmUpSeconds });
    forgetPeak(running.child.pid ?? 0);
    return { running, bytes, samples: [], failed: false };
  } catch (error) {
    throw await endFailed(running, error);
  }
}

/** Ends a contestant that failed. What went wrong, with what it said last where it ended on its own. */
async function endFailed(running: RunningContestant, error: unknown): Promise<Error> {
  const message = error instanceof Error ? error.message : String(error);
  await stopProcess(running);
  const { exitCode, signalCode } = running.child;
  const onItsOwn = (exitCode ?? 0) !== 0 || (signalCode !== null && !ENDED_BY.has(signalCode));
  return new Error(
    onItsOwn ? `${message}; it ended (${exitCode ?? signalCode}): ${running.said()}` : message,
  );
}

/** How contestants are ended from here. */
const ENDED_BY: ReadonlySet<string> = new Set(["SIGTERM", "SIGKILL"]);

function rowOf({ running, samples, bytes }: Entry): Row {
  const { contestant, readyMilliseconds, child } = running;
  return { contestant, samples, bytes, usage: readUsage(child.pid ?? 0), readyMilliseconds };
}

/** The calls that one request makes, from a gateway that made them before. */
async function recordFloor(
  { subgraphs, subgraphsUrl }: Stage,
  running: RunningContestant,
  { work, answer }: { readonly work: Work; readonly answer: string },
): Promise<Floor> {
  await ask(subgraphs, "record");
  await askOnce(running.url, work);
  return { origin: subgraphsUrl, waves: await ask<Call[][]>(subgraphs, "recorded"), answer };
}

function dataOf(body: string): string {
  return JSON.stringify((JSON.parse(body) as { data: unknown }).data);
}

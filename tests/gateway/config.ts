import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { CONTESTANTS } from "./contestants/contestants.ts";
import { WORKS } from "./works.ts";

/** How the benchmark is run. */
export interface BenchmarkConfig {
  readonly rounds: number;
  /** Length of one round of one contestant on one work. */
  readonly seconds: number;
  /** The same before the first round, until machine code is made. */
  readonly warmUpSeconds: number;
  /** The same at the begin of each round, when what rested meanwhile is cold; it is not counted. */
  readonly leadInSeconds: number;
  /** How many new processes the first steps are timed in. */
  readonly starts: number;
  /** Requests under way at a time. */
  readonly connections: number;
  /** Keys. */
  readonly works: readonly string[];
  readonly contestants: readonly string[];
  /** Whether our gateway runs as it is deployed, compiled, or from its sources, which a profile names. */
  readonly gateway: "built" | "sources";
  /** Folder that what is installed for it is kept in. */
  readonly cache: string;
}

const number = z.coerce.number().positive();
const among = (keys: readonly string[]) =>
  z
    .string()
    .transform((value) => value.split(","))
    .pipe(z.array(z.enum(keys as [string, ...string[]])))
    .default([...keys]);

const schema = z.object({
  rounds: number.int().default(5),
  seconds: number.default(4),
  "warm-up": number.default(10),
  "lead-in": number.default(1),
  starts: number.int().default(5),
  connections: number.int().default(64),
  works: among(WORKS.map(({ key }) => key)),
  contestants: among(CONTESTANTS.map(({ key }) => key)),
  gateway: z.enum(["built", "sources"]).default("built"),
  cache: z.string().default(path.join(os.tmpdir(), "tributary-benchmark")),
});

/**
 * Reads the settings from the command line (`--rounds 3`) and the environment (`BENCH_ROUNDS=3`). Flags win.
 *
 * @throws Error with every fault
 */
export function readConfig(args: readonly string[]): BenchmarkConfig {
  const names = Object.keys(schema.shape);
  const { values: flags } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
  });
  const parsed = schema.safeParse(
    Object.fromEntries(
      names.map((name) => [
        name,
        flags[name] ?? process.env[`BENCH_${name.toUpperCase().replaceAll("-", "_")}`],
      ]),
    ),
  );
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map((issue) => `--${String(issue.path[0])}: ${issue.message}`).join("\n"),
    );
  const { "warm-up": warmUpSeconds, "lead-in": leadInSeconds, ...rest } = parsed.data;
  return { ...rest, warmUpSeconds, leadInSeconds };
}

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { dayOf } from "../approvals/day.ts";
import type { CodeEntry } from "../codes/codes.ts";
import type { CheckOptions } from "../commands/check.ts";
import { disk } from "../commands/disk.ts";
import { formatNames, parseFormats, render } from "../render/format.ts";
import { UncheckedError, UsageError, exitCodes } from "../result/fault.ts";
import { type Result, type Severity, passed, resultVersion } from "../result/finding.ts";
import { leaveOut, severities } from "../result/severity.ts";
import { type StepName, stepNames } from "../result/step-name.ts";
import { runTask } from "../task/run-task.ts";
import type { Task } from "../task/task.ts";
import { openBase } from "./open-base.ts";

export interface ProgramOptions {
  /** The command line, without the program's name. */
  args: string[];
  /** Such as `process.env`. */
  env: Readonly<Record<string, string | undefined>>;
  /** Whether standard output is a terminal. */
  isTerminal: boolean;
  /** The module that a thread of the program runs. */
  worker: URL;
}

interface CommonFlags {
  config: string;
  base?: string;
  baseConfig?: string;
  minSeverity?: Severity;
  timeout: number;
}

interface CheckFlags extends CommonFlags {
  subgraph?: string[];
  only?: StepName[];
  failOn: CheckOptions["failOn"];
  format?: string[];
}

const defaultConfig = "schema/schema.config.ts";

/** Runs the program; returns what the process is to exit with. */
export async function runProgram({ args, env, isTerminal, worker }: ProgramOptions): Promise<number> {
  const color = (isTerminal && !env["NO_COLOR"]) || Boolean(env["FORCE_COLOR"]);
  const now = new Date();
  let exitCode: number = exitCodes.passed;

  const run = (task: Task, { base, timeout }: CommonFlags) =>
    runTask(task, {
      worker,
      base: task.command === "compose" ? null : openBase({ asked: base, env, folder: process.cwd() }),
      timeout,
    });
  const report = async (result: Result, formats: string[] = ["human"], fallback = defaultConfig) => {
    for (const format of parseFormats(formats)) {
      const text = render(result, format, { color, now, fallback });
      if (format.file === null) console.log(text);
      else await disk.write(format.file, `${text}\n`);
    }
    const failed = result.findings.some(({ severity }) => severity === "error");
    exitCode = passed(result) ? exitCodes.passed : failed ? exitCodes.findings : exitCodes.unchecked;
  };

  const program = new Command("schema")
    .description("Works on the schemas of federated subgraphs.")
    .exitOverride()
    .showHelpAfterError("(`schema --help` lists the commands)");
  const config = ["--config <file>", "the configuration", defaultConfig] as const;
  const base = [
    "--base <ref>",
    "the commit to compare with; by default CI's, or where the branch left the default branch",
  ] as const;
  const baseConfig = [
    "--base-config <file>",
    "a configuration here to read the base by, in place of the base's own",
  ] as const;
  const minSeverity = () =>
    new Option("--min-severity <severity>", "what to show").choices(severities).default("hint");
  const timeout = ["--timeout <seconds>", "how long it may take", secondsOf, 300] as const;

  program
    .command("compose")
    .description("Composes the subgraphs and writes the supergraph and the API schema.")
    .option(...config)
    .option("--frozen", "write nothing; fail where a composed file is not up to date", false)
    .addOption(minSeverity())
    .option(...timeout)
    .action(async (flags: CommonFlags & { frozen: boolean }) => {
      const options = { config: flags.config, frozen: flags.frozen };
      await report(leaveOut(await run({ command: "compose", options }, flags), flags.minSeverity));
    });

  program
    .command("check")
    .description(
      "Compares the schema with what it was, and fails where a change breaks clients or locks them out.",
    )
    .option(...config)
    .option(...base)
    .option(...baseConfig)
    .option("--subgraph <name...>", "show findings of these subgraphs only")
    .option("--only <steps>", `the steps to run, with commas between: ${stepNames.join(",")}`, stepsOf)
    .addOption(
      new Option("--fail-on <kind>", "what fails the run")
        .choices(["breaking", "dangerous"])
        .default("breaking"),
    )
    .addOption(minSeverity())
    .option("--format <format...>", `how to print, and =FILE after it for where: ${formatNames.join(", ")}`)
    .option(...timeout)
    .action(async (flags: CheckFlags) => {
      parseFormats(flags.format ?? []);
      const options = {
        config: flags.config,
        failOn: flags.failOn,
        today: dayOf(now),
        ...(flags.baseConfig === undefined ? {} : { baseConfig: flags.baseConfig }),
        ...(flags.only === undefined ? {} : { only: flags.only }),
        ...(flags.subgraph === undefined ? {} : { subgraphs: flags.subgraph }),
      };
      const result = await run({ command: "check", options }, flags).catch((error: unknown) =>
        uncheckedResult(error, flags.only ?? stepNames),
      );
      await report(leaveOut(result, flags.minSeverity), flags.format, flags.config);
    });

  program
    .command("approve")
    .description("Writes an approval of one change that the check found.")
    .argument("<change-id>", "as `schema check` prints it")
    .requiredOption("--reason <text>", "why the change may pass")
    .requiredOption("--expires <date>", "the last day on which the approval counts, such as 2026-12-31")
    .option(...config)
    .option(...base)
    .option(...baseConfig)
    .option(...timeout)
    .action(async (changeId: string, flags: CommonFlags & { reason: string; expires: string }) => {
      const { config: file, reason, expires } = flags;
      const own = flags.baseConfig === undefined ? {} : { baseConfig: flags.baseConfig };
      const options = { config: file, changeId, reason, expires, now, ...own };
      await report(await run({ command: "approve", options }, flags));
    });

  program
    .command("explain")
    .description("Says what a code means, and what to do about it.")
    .argument("<code>", "such as FIELD_REMOVED")
    .action(async (code: string) => {
      const entry = await entryOf(code);
      if (entry === null) throw new UsageError(`There is no code ${JSON.stringify(code)} of ours.`);
      console.log([code, `  ${entry.meaning}`, `  To do: ${entry.action}`].join("\n"));
    });

  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
    }
    if (error instanceof UsageError) {
      console.error(error.message);
      return exitCodes.usage;
    }
    console.error(`schema: could not check: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof UncheckedError) console.error(`To do: ${error.fix}`);
    return exitCodes.unchecked;
  }
}

/** What there is to say about a code. The linter's and the composer's come with those, which take a while to load. */
async function entryOf(code: string): Promise<CodeEntry | null> {
  if (!code.startsWith("lint/")) return (await import("../codes/codes.ts")).explain(code);
  return (await import("../steps/lint/rule-entry.ts")).ruleEntry(code.slice("lint/".length));
}

/**
 * What to show where nothing could be checked: in every format that was asked for, as CI shows those, and not what a
 * process says beside them.
 */
function uncheckedResult(error: unknown, names: readonly StepName[]): Result {
  if (!(error instanceof UncheckedError)) throw error;
  const reason = `${error.message}. To do: ${error.fix}`;
  const steps = names.map((name) => ({ name, outcome: "unchecked" as const, reason }));
  return { version: resultVersion, command: "check", steps, findings: [], done: [] };
}

function stepsOf(value: string): StepName[] {
  const names = value.split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !stepNames.some((step) => step === name));
  if (unknown === undefined && names.length > 0) return names as StepName[];
  throw new UsageError(
    `--only: there is no step ${JSON.stringify(unknown ?? value)}; there are ${stepNames.join(", ")}.`,
  );
}

function secondsOf(value: string): number {
  const seconds = Number(value);
  // A timer takes no more.
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 2_000_000) return seconds;
  throw new InvalidArgumentError("It must be a number of seconds.");
}

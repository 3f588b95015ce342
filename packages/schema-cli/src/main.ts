#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { dayOf } from "./approvals/approvals.ts";
import { explain } from "./codes/codes.ts";
import { runApprove } from "./commands/approve.ts";
import { type CheckBase, type CheckOptions, runCheck } from "./commands/check.ts";
import { runCompose } from "./commands/compose.ts";
import { disk } from "./commands/disk.ts";
import { findBase } from "./git/base.ts";
import { type GithubEvent, ciBase } from "./git/ci-base.ts";
import { commitFiles } from "./git/commit-files.ts";
import { formatNames, parseFormats, render } from "./render/format.ts";
import { UncheckedError, UsageError, exitCodes } from "./result/fault.ts";
import { type Result, passed, resultVersion } from "./result/finding.ts";
import { type StepName, stepNames } from "./result/step-name.ts";

const color = (process.stdout.isTTY && !process.env.NO_COLOR) || Boolean(process.env.FORCE_COLOR);
const now = new Date();
const defaultConfig = "schema/schema.config.ts";

async function report(
  result: Result,
  formats: string[] = ["human"],
  fallback = defaultConfig,
): Promise<void> {
  for (const format of parseFormats(formats)) {
    const text = render(result, format, { color, now, fallback });
    if (format.file === null) console.log(text);
    else await disk.write(format.file, `${text}\n`);
  }
  const failed = result.findings.some(({ severity }) => severity === "error");
  process.exitCode = passed(result) ? exitCodes.passed : failed ? exitCodes.findings : exitCodes.unchecked;
}

/** The base to compare with: the one asked for, or CI's, or where the branch left main. */
async function openBase(asked: string | undefined): Promise<CheckBase> {
  const event = process.env.GITHUB_EVENT_PATH;
  const payload = event === undefined ? null : await disk.read(event);
  const ci = ciBase(process.env, payload === null ? {} : (JSON.parse(payload) as GithubEvent));
  const folder = process.cwd();
  const base = await findBase({ folder, asked, ci });
  return { ...base, files: commitFiles(folder, base.commit) };
}

function listOf(value: string): string[] {
  return value.split(",").filter((name) => name !== "");
}

function stepsOf(value: string): StepName[] {
  const names = listOf(value);
  const unknown = names.find((name) => !stepNames.some((step) => step === name));
  if (unknown === undefined && names.length > 0) return names as StepName[];
  throw new UsageError(
    `--only: there is no step ${JSON.stringify(unknown ?? value)}; there are ${stepNames.join(", ")}.`,
  );
}

const program = new Command("schema")
  .description("Works on the schemas of federated subgraphs.")
  .exitOverride()
  .showHelpAfterError("(`schema --help` lists the commands)");

program
  .command("compose")
  .description("Composes the subgraphs and writes the supergraph and the API schema.")
  .option("--config <file>", "the configuration", defaultConfig)
  .option("--frozen", "write nothing; fail where a composed file is not up to date", false)
  .action(async (options: { config: string; frozen: boolean }) => report(await runCompose(disk, options)));

interface CheckFlags {
  config: string;
  base?: string;
  subgraph?: string[];
  only?: StepName[];
  failOn: CheckOptions["failOn"];
  format?: string[];
}

async function check(flags: CheckFlags): Promise<Result> {
  return runCheck(disk, await openBase(flags.base), {
    config: flags.config,
    failOn: flags.failOn,
    today: dayOf(now),
    ...(flags.only === undefined ? {} : { only: flags.only }),
    ...(flags.subgraph === undefined ? {} : { subgraphs: flags.subgraph }),
  });
}

program
  .command("check")
  .description(
    "Compares the schema with what it was, and fails where a change breaks clients or locks them out.",
  )
  .option("--config <file>", "the configuration", defaultConfig)
  .option("--base <ref>", "the commit to compare with; by default CI's, or where the branch left main")
  .option("--subgraph <name...>", "show findings of these subgraphs only")
  .option("--only <steps>", `the steps to run, with commas between: ${stepNames.join(",")}`, stepsOf)
  .addOption(
    new Option("--fail-on <kind>", "what fails the run")
      .choices(["breaking", "dangerous"])
      .default("breaking"),
  )
  .option("--format <format...>", `how to print, and =FILE after it for where: ${formatNames.join(", ")}`)
  .action(async (flags: CheckFlags) => {
    parseFormats(flags.format ?? []);
    const result = await check(flags).catch((error: unknown): Result => {
      if (!(error instanceof UncheckedError)) throw error;
      // In every format that was asked for: CI shows those, and not what a process says beside them.
      const reason = `${error.message}. To do: ${error.fix}`;
      const steps = (flags.only ?? stepNames).map((name) => ({
        name,
        outcome: "unchecked" as const,
        reason,
      }));
      return { version: resultVersion, command: "check", steps, findings: [], done: [] };
    });
    await report(result, flags.format, flags.config);
  });

program
  .command("approve")
  .description("Writes an approval of one change that the check found.")
  .argument("<change-id>", "as `schema check` prints it")
  .requiredOption("--reason <text>", "why the change may pass")
  .requiredOption("--expires <date>", "the last day on which the approval counts, such as 2026-12-31")
  .option("--config <file>", "the configuration", defaultConfig)
  .option("--base <ref>", "the commit to compare with, as for `check`")
  .action(
    async (changeId: string, flags: { reason: string; expires: string; config: string; base?: string }) =>
      report(await runApprove(disk, await openBase(flags.base), { ...flags, changeId, now })),
  );

program
  .command("explain")
  .description("Says what a code means, and what to do about it.")
  .argument("<code>", "such as FIELD_REMOVED")
  .action((code: string) => {
    const entry = explain(code);
    if (entry === null) throw new UsageError(`There is no code ${JSON.stringify(code)} of ours.`);
    console.log([code, `  ${entry.meaning}`, `  To do: ${entry.action}`].join("\n"));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.passed : exitCodes.usage;
  } else if (error instanceof UsageError) {
    console.error(error.message);
    process.exitCode = exitCodes.usage;
  } else {
    console.error(`schema: could not check: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof UncheckedError) console.error(`To do: ${error.fix}`);
    process.exitCode = exitCodes.unchecked;
  }
}

import { randomUUID } from "node:crypto";
import { Command } from "commander";
import colors from "picocolors";
import { dataDirFrom, integer, processEnvironment } from "../config.ts";
import { dataDirPaths } from "../data-dir.ts";
import { StackError } from "../error.ts";
import { issueToken } from "../local-issuer.ts";
import { createProgress } from "../progress.ts";
import { readStackState } from "../state-file.ts";
import { createApi, type AskApi } from "./api.ts";
import { reconcile, type ReconcileResult } from "./reconcile.ts";
import { redriveDeadLetters, resumeOrders, whyNot, type Repair } from "./repair.ts";
import type { Finding } from "./rules.ts";
import { findingLines, leftLines, repairLines, resultLines } from "./view.ts";

const TOKEN = "RECONCILE_TOKEN";
/** How long the contexts are given for each repair, in milliseconds. */
const REPAIR_MS = 30_000;

interface Flags {
  url?: string;
  data?: string;
  limit: number;
  repair?: true;
}

/** The gateway that is meant, and a token for it: the local stack's where none is named. */
async function gatewayOf({ url, data }: Flags): Promise<{ url: string; token: string }> {
  const env = processEnvironment();
  const token = env[TOKEN];
  if (url !== undefined) {
    if (!URL.canParse(url)) throw new StackError(`--url ${url} is no URL, such as https://api.example.com`);
    if (!token) throw new StackError(`${TOKEN} must hold an administrator's token for ${url}`);
    return { url: url.replace(/\/+$/, ""), token };
  }
  const paths = dataDirPaths(dataDirFrom(env, data));
  const state = readStackState(paths);
  if (!token && !state.localIssuer)
    throw new StackError(`tokens come from ${state.issuer}: put an administrator's into ${TOKEN}`);
  const request = { person: "admin", customerId: null, lifetimeSeconds: 12 * 3_600 } as const;
  return { url: state.gatewayUrl, token: token || (await issueToken(paths, request)) };
}

/** Compares, mends what is safe and tells of each, and compares again: what is left is what is told of then. */
async function repairAll(ask: AskApi, most: number): Promise<void> {
  let left = 0;
  const tell = (repair: Repair): void => {
    if (!repair.isDone) left += 1;
    repairLines(repair).forEach((line) => console.log(line));
  };
  const options = { ask, runId: `reconcile-${randomUUID()}`, waitMs: REPAIR_MS, onRepair: tell };
  await redriveDeadLetters(options, most);
  const findings: Finding[] = [];
  await compare(ask, most, (finding) => findings.push(finding));
  const orders = new Set(
    findings.flatMap(({ repair }) => (repair && "resume" in repair ? [repair.resume] : [])),
  );
  await resumeOrders(options, [...orders]);
  const result = await compare(ask, most, (finding) => {
    const lines = finding.repair === null ? leftLines(finding, whyNot(finding)) : findingLines(finding);
    lines.forEach((line) => console.log(line));
  });
  resultLines(result).forEach((line) => console.log(line));
  if (result.findings > 0 || left > 0) process.exitCode = 1;
}

async function run(flags: Flags): Promise<void> {
  const ask = createApi(await gatewayOf(flags));
  if (flags.repair) return repairAll(ask, flags.limit);
  const result = await compare(ask, flags.limit, (finding) =>
    findingLines(finding).forEach((line) => console.log(line)),
  );
  resultLines(result).forEach((line) => console.log(line));
  if (result.findings > 0) process.exitCode = 1;
}

/** Compares the contexts, with a bar on a terminal. */
async function compare(
  ask: AskApi,
  most: number,
  onFinding: (finding: Finding) => void,
): Promise<ReconcileResult> {
  const progress = createProgress(process.stderr, "reconciling");
  try {
    return await reconcile({
      ask,
      most,
      settleMs: 1_000,
      onProgress: progress.update,
      onFinding(finding) {
        progress.print(() => onFinding(finding));
      },
    });
  } finally {
    progress.stop();
  }
}

const program = new Command("npm run reconcile --")
  .description(
    "Compares the contexts in full through the API, and exits with 1 where they do not agree. It changes nothing, " +
      "but with --repair.",
  )
  .option("--url <url>", `the gateway; its token is in ${TOKEN}. By default the local stack's`)
  .option("--data <dir>", "the local stack's folder, as it was started with")
  .option(
    "--repair",
    "have failed messages handled again, go on with orders that stand still, release credit of orders that were called " +
      "off; then compare again. Exits with 0 where nothing is left",
  )
  .option("--limit <n>", "stop after so many findings", integer(1, 1_000_000), 1_000)
  .showHelpAfterError()
  .action(run);
await program.parseAsync().catch((error: Error) => {
  console.error(`${colors.red("error:")} ${error.message}`);
  process.exitCode = 1;
});

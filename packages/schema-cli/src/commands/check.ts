import { applyApprovals } from "../approvals/approvals.ts";
import { judgeByOperations } from "../approvals/excuse.ts";
import { stepOfCode } from "../codes/codes.ts";
import { operationStates } from "../operations/impact.ts";
import { readOperations } from "../operations/read-operations.ts";
import type { SchemaConfig } from "../config/schema-config.ts";
import { UsageError } from "../result/fault.ts";
import { type Finding, type Result, resultVersion } from "../result/finding.ts";
import { plural } from "../result/plural.ts";
import type { StepName, StepReport } from "../result/step-name.ts";
import { authStep } from "../steps/auth.ts";
import { diffStep } from "../steps/diff.ts";
import { createLintStep } from "../steps/lint/lint.ts";
import { operationsStep } from "../steps/operations.ts";
import type { Step, StepContext } from "../steps/step.ts";
import { costStep } from "../steps/plan/cost.ts";
import { planStep } from "../steps/plan/plan.ts";
import { rolloutStep } from "../steps/rollout/rollout.ts";
import type { ReadableFiles } from "./files.ts";
import { readApprovals } from "./read-approvals.ts";
import { readConfig, readSubgraphs } from "./read-config.ts";
import { composeSide } from "./read-side.ts";
import { type CheckBase, resolveBase } from "./resolve-base.ts";

/** The steps after `compose`, in the order in which they run. */
const stepsOf = (config: SchemaConfig): Step[] => [
  createLintStep(config.lint?.rules ?? {}),
  diffStep,
  authStep,
  operationsStep,
  planStep,
  costStep,
  rolloutStep,
];

export interface CheckOptions {
  config: string;
  /** A configuration of this machine to read the base by, in place of its own. */
  baseConfig?: string;
  /** Which steps to run; all of them if left out. */
  only?: readonly StepName[];
  /** Restricts findings to those with a place in these subgraphs. */
  subgraphs?: readonly string[];
  failOn: "breaking" | "dangerous";
  /** Today in UTC, `YYYY-MM-DD`. */
  today: string;
  /** Told what is about to be done, in a clause that begins with a verb: what can take long. */
  onProgress?: (doing: string) => void;
}

function thresholdsOf({ thresholds }: SchemaConfig): StepContext["thresholds"] {
  const { fetches = 0, depth = 0, sequential = 0 } = thresholds?.plan ?? {};
  return { plan: { fetches, depth, sequential }, cost: { factor: thresholds?.cost?.factor ?? 1 } };
}

/**
 * Checks what changed between two states of a repository's schema.
 *
 * @throws {UsageError} where the head's configuration is wrong
 * @throws {UncheckedError} where the base cannot be read
 */
export async function runCheck(
  files: ReadableFiles,
  base: CheckBase,
  options: CheckOptions,
): Promise<Result> {
  const config = await readConfig(files, options.config);
  const unknown = (options.subgraphs ?? []).find(
    (name) => !config.subgraphs.some((one) => one.name === name),
  );
  const sources = await readSubgraphs(files, config.subgraphs);
  const known = await readOperations(files, { sets: config.operations ?? [], today: options.today });
  const wanted = (name: StepName) => options.only === undefined || options.only.includes(name);
  const { onProgress = () => {} } = options;
  const { side: head, findings } = composeSide("head", sources, { onProgress });
  const old = await resolveBase(base, {
    file: options.config,
    config,
    baseConfig: options.baseConfig === undefined ? null : await readConfig(files, options.baseConfig),
    head: { sources, side: head, findings },
    onProgress,
  });
  if (unknown !== undefined && !old.sources.some(({ name }) => name === unknown)) {
    throw new UsageError(`There is no subgraph ${JSON.stringify(unknown)} in ${options.config}.`);
  }
  const filed = await readApprovals(
    { files, folder: config.approvals ?? null },
    { files: base.files, folder: old.approvals },
  );

  const reports: StepReport[] = [];
  // What does not compose fails the run, whatever was asked for.
  const found: Finding[] =
    wanted("compose") || head === null
      ? withoutOldHints(findings, old.hints).map((each) => ({ ...each, step: "compose" }))
      : [];
  if (wanted("compose")) reports.push({ name: "compose", outcome: "done" });
  // Whatever was asked for: a set that could not be read whole must excuse nothing.
  found.push(...known.findings, ...old.findings);

  for (const step of stepsOf(config)) {
    if (!wanted(step.name)) continue;
    if (head === null) {
      reports.push({ name: step.name, outcome: "unchecked", reason: "the head does not compose" });
      continue;
    }
    if (old.side === null) {
      reports.push({ name: step.name, outcome: "skipped", reason: old.reason });
      continue;
    }
    onProgress(`running the step ${step.name}`);
    const context: StepContext = {
      base: old.side,
      head,
      operations: known.operations,
      thresholds: thresholdsOf(config),
      subgraphs: options.subgraphs === undefined ? null : new Set(options.subgraphs),
    };
    const { findings: own, outcome = "done", reason } = await step.run(context);
    found.push(...own.map((each) => ({ ...each, step: step.name })));
    reports.push({ name: step.name, outcome, ...(reason === undefined ? {} : { reason }) });
  }

  let settled = found.map((each) => raise(each, options.failOn));
  if (head !== null && old.side !== null) {
    const states = operationStates(known.operations, old.side.api, head.api);
    settled = judgeByOperations(settled, states, old.side.api);
  }
  const looked = new Set(reports.filter(({ outcome }) => outcome !== "unchecked").map(({ name }) => name));
  settled = applyApprovals(settled, filed.approvals, {
    today: options.today,
    looked: (code) => looked.has(stepOfCode(code) ?? "compose"),
  });
  const only = options.subgraphs;
  return {
    version: resultVersion,
    command: "check",
    base: { ref: base.ref, commit: old.base.commit },
    steps: reports,
    findings: [...(only === undefined ? settled : restrict(settled, only)), ...filed.findings],
    done: [
      plural(sources.length, "subgraph"),
      // A part that passed is not to be read as the whole.
      ...(only === undefined ? [] : [`findings of ${only.join(", ")} alone`]),
      ...(options.only === undefined ? [] : [`${options.only.join(", ")} alone`]),
      old.side === null && head !== null ? "against nothing" : `against ${baseName(old.base)}`,
    ],
  };
}

/** What the base is called, with the beginning of its commit's name; CI's is often no more than that. */
function baseName({ ref, commit }: CheckBase): string {
  const short = commit.slice(0, 7);
  return commit.startsWith(ref) ? short : `${ref} (${short})`;
}

/** What the composer hints at anew: what the base has already is no news. Its errors are all of the head's. */
function withoutOldHints(head: readonly Finding[], base: readonly Finding[]): Finding[] {
  const key = ({ code, message }: Finding) => JSON.stringify([code, message]);
  const known = new Set(base.map(key));
  return head.filter((each) => each.severity === "error" || !known.has(key(each)));
}

/** With `--fail-on dangerous`, what may break clients fails the run, too. */
function raise(finding: Finding, failOn: CheckOptions["failOn"]): Finding {
  const fails = failOn === "dangerous" && finding.kind === "dangerous" && finding.severity === "warning";
  return fails ? { ...finding, severity: "error" } : finding;
}

/** The findings of some subgraphs, and what follows from those. */
function restrict(findings: readonly Finding[], subgraphs: readonly string[]): Finding[] {
  const ids = (list: readonly Finding[]) => new Set(list.map(({ changeId }) => changeId));
  const [all, shown] = [ids(findings), ids(findings.filter((each) => isOf(each, subgraphs)))];
  return findings.filter((each) => {
    const causes = each.causes?.filter(({ changeId }) => all.has(changeId)) ?? [];
    return causes.length === 0 ? isOf(each, subgraphs) : causes.some(({ changeId }) => shown.has(changeId));
  });
}

/** Whether a finding is of these subgraphs; one that is of no subgraph, or that all else waits for, is of all of them. */
function isOf({ places, step, severity }: Finding, subgraphs: readonly string[]): boolean {
  if (step === "compose" && severity === "error") return true;
  const named = places.flatMap(({ subgraph }) => (subgraph === undefined ? [] : [subgraph]));
  return named.length === 0 || named.some((name) => subgraphs.includes(name));
}

import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type ExpressionScope, holds } from "./expressions.ts";
import { shellEnvironment } from "./scratch.ts";

/** A step of a workflow, as YAML has it. */
export interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Readonly<Record<string, string | number | boolean>>;
}

export interface Job {
  if?: string;
  permissions?: Readonly<Record<string, string>>;
  outputs?: Readonly<Record<string, string>>;
  steps: Step[];
}

/** What one of the actions does that a step `uses`; throws where it fails. */
export type Action = (given: Readonly<Record<string, string | number | boolean>>, folder: string) => unknown;

export interface RunJobOptions {
  /** Where the job's files are; made new. */
  folder: string;
  event: { name: string; payload: object };
  /** `GITHUB_BASE_REF` and its like. */
  variables: Readonly<Record<string, string>>;
  needs?: object;
  actions: Readonly<Record<string, Action>>;
}

export interface JobRun {
  outcome: "success" | "failure" | "skipped";
  outputs: Record<string, string>;
  /** What its steps printed. */
  log: string;
  /** `GITHUB_STEP_SUMMARY`, of all steps. */
  summary: string;
}

/**
 * Runs a job's steps one after the other, as GitHub's runner does: conditions, a shell that ends at the first error,
 * and the files that steps write outputs and summaries to. Actions are stood in for.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export async function runJob(job: Job, options: RunJobOptions): Promise<JobRun> {
  const { folder, event, variables, needs = {}, actions } = options;
  const repository = "owner/scratch";
  const github = { event_name: event.name, event: event.payload, repository };
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const scope = (succeeded: boolean): ExpressionScope => ({
    contexts: { github, steps, needs },
    succeeded,
    folder,
  });
  const run: JobRun = { outcome: "skipped", outputs: {}, log: "", summary: "" };
  if (!holds(job.if, scope(true))) return run;

  const control = `${folder}.runner`;
  await mkdir(control, { recursive: true });
  await mkdir(folder, { recursive: true });
  const files = {
    GITHUB_EVENT_PATH: path.join(control, "event.json"),
    GITHUB_OUTPUT: path.join(control, "output"),
    GITHUB_STEP_SUMMARY: path.join(control, "summary"),
  };
  await writeFile(files.GITHUB_EVENT_PATH, JSON.stringify(event.payload));
  const env = {
    ...shellEnvironment(control),
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: event.name,
    GITHUB_REPOSITORY: repository,
    GITHUB_WORKSPACE: folder,
    ...variables,
    ...files,
  };
  let succeeded = true;
  for (const step of job.steps) {
    if (!holds(step.if, scope(succeeded))) continue;
    await writeFile(files.GITHUB_OUTPUT, "");
    await writeFile(files.GITHUB_STEP_SUMMARY, "");
    if (step.run !== undefined) {
      const { code, output } = await shell(step.run, folder, env);
      run.log += output;
      if (code !== 0) succeeded = false;
    } else {
      const action = actions[step.uses?.replace(/@.*/, "") ?? ""];
      if (action === undefined) throw new Error(`nobody stands in for ${step.uses}`);
      await action(step.with ?? {}, folder);
    }
    const lines = (await readFile(files.GITHUB_OUTPUT, "utf8")).split("\n").filter((line) => line !== "");
    const outputs = Object.fromEntries(lines.map((line) => line.split("=", 2) as [string, string]));
    if (step.id !== undefined) steps[step.id] = { outputs };
    run.summary += await readFile(files.GITHUB_STEP_SUMMARY, "utf8");
  }
  run.outcome = succeeded ? "success" : "failure";
  for (const [name, value] of Object.entries(job.outputs ?? {})) {
    const [, id = "", output = ""] = /^\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}$/.exec(value) ?? [];
    run.outputs[name] = steps[id]?.outputs[output] ?? "";
  }
  return run;
}

/** Runs a script in the shell that GitHub and GitLab run it in. */
export function shell(
  script: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const child = spawn("bash", ["-e", "-c", script], { cwd: folder, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

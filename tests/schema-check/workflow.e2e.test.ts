import { cp, readFile, readdir } from "node:fs/promises";
import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import { context, getOctokit } from "@actions/github";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { type CommentsApi, startCommentsApi } from "./comments-api.ts";
import { type Action, type Job, type JobRun, runJob } from "./runner.ts";
import { type Scratch, createScratch, git, products, root } from "./scratch.ts";

const file = ".github/workflows/schema-check.yml";
const broken = { "products.graphql": products.replace("  name: String\n", "") };
const harmless = { "products.graphql": products.replace("name: String", "name: String\n  price: Int") };

let text: string;
let check: Job;
let comment: Job;
let scratch: Scratch;
let api: CommentsApi;
beforeAll(async () => {
  text = await readFile(path.join(root, file), "utf8");
  ({ check, comment } = (parse(text) as { jobs: { check: Job; comment: Job } }).jobs);
  scratch = await createScratch();
});
afterAll(() => scratch.remove());
beforeEach(async () => {
  api = await startCommentsApi();
  return () => api.stop();
});

test("the workflow is one, says GitHub's own parser", async () => {
  // It imports JSON as a bundler would let it.
  const hooks = registerHooks({
    resolve(specifier, from, next) {
      const found = next(specifier, from);
      return found.url.endsWith(".json") ? { ...found, importAttributes: { type: "json" } } : found;
    },
  });
  const { parseWorkflow, NoOperationTraceWriter } = await import("@actions/workflow-parser");
  hooks.deregister();
  const errorsIn = (content: string) =>
    parseWorkflow({ name: file, content }, new NoOperationTraceWriter())
      .context.errors.getErrors()
      .map(({ message }) => message);
  expect(errorsIn(text)).toEqual([]);
  expect(errorsIn(text.replace("runs-on:", "runs-onn:"))).not.toEqual([]);
  expect(errorsIn(text.replace("steps.report.outputs", "stepps.report.outputs"))).not.toEqual([]);
});

test("what may write to the pull request runs none of its code", () => {
  expect(check.permissions).toEqual({ contents: "read" });
  expect(comment.permissions).toEqual({ "pull-requests": "write" });
  expect(
    comment.steps.filter(({ run, uses }) => run !== undefined || /checkout|setup-/.test(uses ?? "")),
  ).toEqual([]);
});

let number = 0;
interface Proposal {
  /** What the branch has that is to be merged. */
  files: Record<string, string>;
  fork?: boolean;
  depth?: number;
  queue?: boolean;
}

/** Runs both jobs on a pull request, or on a merge queue's group. */
async function request({ files, fork = false, depth, queue = false }: Proposal) {
  number += 1;
  const head = await scratch.push(`change-${number}`, files);
  const base = git(scratch.server, "rev-parse", "main");
  const event = queue
    ? { name: "merge_group", payload: { merge_group: { base_sha: base, head_sha: head } } }
    : {
        name: "pull_request",
        payload: {
          number: 7,
          pull_request: {
            number: 7,
            head: { repo: { full_name: fork ? "stranger/scratch" : "owner/scratch" } },
          },
        },
      };
  const artifact = path.join(scratch.folder, `artifact-${number}`);
  const actions: Record<string, Action> = {
    "actions/checkout": (given, folder) => {
      // What the action does: it fetches all branches, or one commit alone.
      git(folder, "init", "--quiet");
      git(folder, "remote", "add", "origin", `file://${scratch.server}`);
      const history = depth ?? Number(given["fetch-depth"] ?? 1);
      const what = history === 0 ? ["+refs/heads/*:refs/remotes/origin/*"] : [`--depth=${history}`, head];
      git(folder, "fetch", "--quiet", "origin", ...what);
      git(folder, "checkout", "--quiet", "--force", head);
    },
    "actions/setup-node": (given) => {
      expect(Number(given["node-version"])).toBeGreaterThanOrEqual(24);
    },
    "actions/upload-artifact": async (given, folder) => {
      const name = new RegExp(`^${String(given["path"]).replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
      for (const each of (await readdir(folder)).filter((entry) => name.test(entry))) {
        await cp(path.join(folder, each), path.join(artifact, each));
      }
    },
    "actions/download-artifact": (_, folder) => cp(artifact, folder, { recursive: true }),
    "actions/github-script": (given, folder) => script(String(given["script"]), folder, event.payload),
  };
  const common = { event, actions, variables: { GITHUB_BASE_REF: queue ? "" : "main" } };
  const folder = path.join(scratch.folder, `check-${number}`);
  const checked = await runJob(check, { ...common, folder });
  const needs = { check: { result: checked.outcome, outputs: checked.outputs } };
  const said = await runJob(comment, { ...common, needs, folder: `${folder}-comment` });
  return { checked, said };
}

/** Runs a script as actions/github-script does: with a client of the API, the event, and `require`. */
async function script(source: string, folder: string, payload: object): Promise<void> {
  const github = getOctokit("a-token", { baseUrl: api.url });
  vi.stubEnv("GITHUB_REPOSITORY", "owner/scratch");
  Object.assign(context, { payload });
  const load = createRequire(path.join(folder, "script.js"));
  const readHere = (name: string) =>
    name === "node:fs/promises"
      ? { readFile: (from: string, how: "utf8") => readFile(path.resolve(folder, from), how) }
      : (load(name) as unknown);
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const body = AsyncFunction("github", "context", "require", source);
  await (body(github, context, readHere) as Promise<void>);
}

const annotations = ({ log }: JobRun) => log.split("\n").filter((line) => line.startsWith("::error"));

describe("a pull request that breaks a client", () => {
  test("fails, with annotations, a summary and one comment that is brought up to date", async () => {
    api.comments.push(
      { id: 1, body: "<!-- tributary schema check --> says somebody", user: { type: "User" } },
      { id: 2, body: "Looks good", user: { type: "User" } },
    );
    const first = await request({ files: broken });
    expect(first.checked.outcome).toBe("failure");
    expect(annotations(first.checked)).toEqual([
      expect.stringMatching(/^::error title=schema check::schema check: failed: 1 breaking change, /),
      expect.stringMatching(
        /^::error file=products\.graphql,title=FIELD_REMOVED Product\.name::.*broken: Names/,
      ),
    ]);
    expect(first.checked.summary).toContain("### Schema check: ❌ failed");
    expect(first.said.outcome).toBe("success");
    expect(api.requests).toEqual(["POST /repos/owner/scratch/issues/7/comments"]);
    expect(api.comments[2]?.body).toBe(first.checked.summary);

    const second = await request({ files: harmless });
    expect(second.checked.outcome).toBe("success");
    expect(api.requests.slice(1)).toEqual(["PATCH /repos/owner/scratch/issues/comments/102"]);
    expect(api.comments).toHaveLength(3);
    expect(api.comments[2]?.body).toContain("✅ passed");
  });

  test("of a fork is not commented on, as it may not be", async () => {
    const { checked, said } = await request({ files: broken, fork: true });
    expect(checked).toMatchObject({ outcome: "failure", outputs: { reported: "true" } });
    expect(said.outcome).toBe("skipped");
    expect(api.requests).toEqual([]);
  });
});

test("a merge queue's group is compared with what it is built on, and not commented on", async () => {
  const { checked, said } = await request({ files: broken, queue: true });
  expect(checked.outcome).toBe("failure");
  expect(annotations(checked)).toHaveLength(2);
  expect(said.outcome).toBe("skipped");
});

test("too little history is no pass, and is said once, in the comment too", async () => {
  const { checked } = await request({ files: harmless, depth: 1 });
  expect(checked.outcome).toBe("failure");
  expect(annotations(checked)).toEqual([expect.stringContaining("the clone is shallow")]);
  expect(api.comments[0]?.body.match(/the clone is shallow/g)).toHaveLength(1);
});

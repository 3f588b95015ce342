import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { shell } from "./runner.ts";
import { type Scratch, createScratch, git, products, root, shellEnvironment } from "./scratch.ts";

interface GitlabJob {
  image: string;
  rules: { if: string }[];
  variables: Record<string, string | number>;
  script: string[];
  artifacts: { when: string; reports: Record<string, string> };
}

let scratch: Scratch;
let job: GitlabJob;
beforeAll(async () => {
  scratch = await createScratch();
  const page = await readFile(path.join(root, "docs/schema-check.md"), "utf8");
  const sample = /## GitLab\n[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  ({ "schema-check": job } = parse(sample) as { "schema-check": GitlabJob });
});
afterAll(() => scratch.remove());

/** Runs the sample's script as GitLab does: in a clone as deep as it asks for, with a merge request's variables. */
async function merge(branch: string, files: Record<string, string>) {
  const head = await scratch.push(branch, files);
  const folder = path.join(scratch.folder, branch);
  const depth = Number(job.variables["GIT_DEPTH"]);
  git(scratch.folder, "init", "--quiet", folder);
  git(folder, "remote", "add", "origin", `file://${scratch.server}`);
  const what = depth === 0 ? ["+refs/heads/*:refs/remotes/origin/*"] : [`--depth=${depth}`, head];
  git(folder, "fetch", "--quiet", "origin", ...what);
  git(folder, "checkout", "--quiet", "--detach", head);
  const env = {
    ...shellEnvironment(scratch.folder),
    CI_PIPELINE_SOURCE: "merge_request_event",
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main",
    CI_MERGE_REQUEST_DIFF_BASE_SHA: git(scratch.server, "rev-parse", "main"),
    CI_MERGE_REQUEST_TARGET_BRANCH_SHA: "",
  };
  const { code, output } = await shell(job.script.join("\n"), folder, env);
  const read = (name: string | undefined) => readFile(path.join(folder, name ?? ""), "utf8");
  return { code, output, read };
}

test("the sample for GitLab fails a merge request that breaks a client, with the reports it names", async () => {
  expect(job.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
  expect(Object.keys(job.artifacts.reports)).toEqual(["codequality", "junit"]);
  const broken = await merge("broken", { "products.graphql": products.replace("  name: String\n", "") });
  expect(broken.code).toBe(1);
  expect(broken.output).toMatch(
    /FIELD_REMOVED Product\.name[\s\S]*schema check: failed: 1 breaking change, 1 operation broken\n/,
  );
  const quality = JSON.parse(await broken.read(job.artifacts.reports["codequality"])) as object[];
  expect(quality).toContainEqual(
    expect.objectContaining({ check_name: "FIELD_REMOVED", severity: "critical" }),
  );
  expect(await broken.read(job.artifacts.reports["junit"])).toContain(
    '<failure message="Product.name: removed',
  );
});

test("and passes one that does not", async () => {
  const { code, output } = await merge("harmless", {
    "products.graphql": products.replace("name: String", "name: String\n  price: Int"),
  });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("passed") as string });
});

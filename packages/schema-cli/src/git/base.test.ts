import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UncheckedError, UsageError } from "../result/fault.ts";
import { findBase } from "./base.ts";
import { ciBase } from "./ci-base.ts";
import { commitBase } from "./commit-base.ts";
import { commitFiles } from "./commit-files.ts";

let root: string;
beforeEach(async () => void (root = await mkdtemp(path.join(tmpdir(), "schema-base-"))));
afterEach(() => rm(root, { recursive: true, force: true }));

const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" }).trim();

async function repository(): Promise<string> {
  const folder = path.join(root, "one");
  await mkdir(folder);
  git(folder, "init", "--quiet", "--initial-branch=main");
  return folder;
}

async function commit(folder: string, files: Record<string, string>): Promise<string> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--allow-empty", "-m", "a commit");
  return git(folder, "rev-parse", "HEAD");
}

const find = (folder: string, asked?: string) => findBase({ folder, asked, ci: null });

describe("the base", () => {
  test("is where the branch left main, whatever main did since", async () => {
    const folder = await repository();
    const fork = await commit(folder, { a: "1" });
    git(folder, "switch", "--quiet", "-c", "branch");
    await commit(folder, { b: "1" });
    git(folder, "switch", "--quiet", "main");
    const later = await commit(folder, { c: "1" });
    git(folder, "switch", "--quiet", "branch");
    expect(await find(folder)).toEqual({ ref: "main", commit: fork });
    expect(await find(folder, "main")).toEqual({ ref: "main", commit: later });
    const ci = { ref: "main", exact: false };
    expect(await findBase({ folder, asked: undefined, ci })).toEqual({ ref: "main", commit: fork });
  });

  test("is origin/main's where there is no main of one's own", async () => {
    const folder = await repository();
    const fork = await commit(folder, { a: "1" });
    git(folder, "clone", "--quiet", folder, path.join(root, "two"));
    const clone = path.join(root, "two");
    git(clone, "switch", "--quiet", "-c", "branch");
    git(clone, "branch", "--quiet", "-D", "main");
    expect(await find(clone)).toEqual({ ref: "origin/main", commit: fork });
  });

  test("is where the branch left the default branch, whatever that is called", async () => {
    const folder = await repository();
    git(folder, "switch", "--quiet", "--orphan", "trunk");
    const fork = await commit(folder, { a: "1" });
    git(folder, "clone", "--quiet", folder, path.join(root, "two"));
    const clone = path.join(root, "two");
    git(clone, "switch", "--quiet", "-c", "branch");
    await commit(clone, { b: "1" });
    expect(await find(clone)).toEqual({ ref: "trunk", commit: fork });
    git(clone, "branch", "--quiet", "-D", "trunk");
    expect(await find(clone)).toEqual({ ref: "origin/trunk", commit: fork });
    git(clone, "remote", "set-head", "origin", "--delete");
    await expect(find(clone)).rejects.toMatchObject({
      fix: expect.stringContaining("set-head origin --auto") as string,
    });
    const told = { folder: clone, asked: undefined, ci: null, defaultBranch: "trunk" };
    expect(await findBase(told)).toEqual({ ref: "origin/trunk", commit: fork });
    git(clone, "config", "init.defaultBranch", "trunk");
    expect(await find(clone)).toEqual({ ref: "origin/trunk", commit: fork });
    git(clone, "branch", "--quiet", "master", fork);
    expect(await find(clone)).toEqual({ ref: "master", commit: fork });
  });

  test.each(["-h", "--output=x", ""])("is no option of git's: %j", async (ref) => {
    const folder = await repository();
    await commit(folder, { a: "1" });
    await expect(find(folder, ref)).rejects.toThrow(UsageError);
  });

  test("can not be a commit that is not there, a repository without commits, or none", async () => {
    const folder = await repository();
    await expect(find(folder)).rejects.toThrow("no commit to compare with");
    await commit(folder, { a: "1" });
    await expect(find(folder, "nowhere")).rejects.toThrow(UncheckedError);
    await expect(find(root)).rejects.toThrow("not a git repository");
  });

  test("can not be found in a shallow clone, and the fix is said", async () => {
    const folder = await repository();
    await commit(folder, { a: "1" });
    git(folder, "switch", "--quiet", "-c", "branch");
    await commit(folder, { b: "1" });
    git(folder, "switch", "--quiet", "main");
    const clone = path.join(root, "shallow");
    git(folder, "clone", "--quiet", "--depth=1", "--branch=branch", `file://${folder}`, clone);
    const error = await find(clone).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UncheckedError);
    expect((error as UncheckedError).fix).toContain("--unshallow");
  });
});

describe("the state before a change of some files", () => {
  test("is the one that the branch itself was in, not one that was merged", async () => {
    const folder = await repository();
    const first = await commit(folder, { "schema/a.graphql": "1", b: "1" });
    git(folder, "switch", "--quiet", "-c", "branch");
    await commit(folder, { "schema/a.graphql": "2" });
    await commit(folder, { "schema/a.graphql": "3" });
    git(folder, "switch", "--quiet", "main");
    const other = await commit(folder, { b: "2" });
    git(folder, "merge", "--quiet", "--no-ff", "-m", "merged", "branch");
    const last = await commit(folder, { b: "3" });
    const base = commitBase(folder, "main", last);
    const before = await base.earlier?.(["schema"]);
    expect(before).toMatchObject({ ref: "main", commit: other });
    expect(await before?.files.read("schema/a.graphql")).toBe("1");
    expect(await commitBase(folder, "main", first).earlier?.(["schema/a.graphql"])).toBeNull();
    expect(await base.earlier?.(["nowhere"])).toBeNull();
    expect(await commitBase(path.join(folder, "schema"), "main", last).earlier?.(["../b"])).toMatchObject({
      commit: git(folder, "rev-parse", "HEAD^"),
    });
  });
});

describe("the files of a commit", () => {
  test("are read as they were, also where they are gone, renamed or in a folder above", async () => {
    const folder = await repository();
    const old = await commit(folder, {
      "schema/a b.graphql": "old",
      "schema/deep/ä.graphql": "x",
      "schema-2/no.graphql": "no",
      "up.txt": "up",
    });
    git(folder, "rm", "-r", "--quiet", "schema");
    await commit(folder, { "schema/new.graphql": "new" });
    const files = commitFiles(folder, old);
    expect(await files.list("schema")).toEqual(["schema/a b.graphql", "schema/deep/ä.graphql"]);
    expect(await files.read("schema/a b.graphql")).toBe("old");
    expect(await files.list(".")).toEqual([
      "schema-2/no.graphql",
      "schema/a b.graphql",
      "schema/deep/ä.graphql",
      "up.txt",
    ]);
    expect(await files.read("schema/new.graphql")).toBeNull();
    expect(await files.read("schema")).toBeNull();
    expect(await commitFiles(path.join(folder, "schema"), old).read("../up.txt")).toBe("up");
  });

  test("are loaded where they are modules, typed ones too", async () => {
    const folder = await repository();
    const hash = await commit(folder, {
      "c.ts": 'import type { X } from "nowhere";\nexport default { a: 1 } satisfies X;\n',
      "c.json": '{ "a": 2 }',
      "broken.ts": "export default {",
    });
    const files = commitFiles(folder, hash);
    expect(await files.load("c.ts")).toEqual({ a: 1 });
    expect(await files.load("c.json")).toEqual({ a: 2 });
    expect(await files.load("none.ts")).toBeNull();
    await expect(files.load("broken.ts")).rejects.toThrow(UncheckedError);
  });
});

test.each([
  [{}, {}, null],
  [{ GITHUB_BASE_REF: "main" }, {}, { ref: "origin/main", exact: false }],
  [{ GITHUB_BASE_REF: "" }, { merge_group: { base_sha: "abc" } }, { ref: "abc", exact: true }],
  [
    { CI_MERGE_REQUEST_DIFF_BASE_SHA: "d", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" },
    {},
    { ref: "d", exact: true },
  ],
  [
    { CI_MERGE_REQUEST_DIFF_BASE_SHA: "d", CI_MERGE_REQUEST_TARGET_BRANCH_SHA: "t" },
    {},
    { ref: "t", exact: true },
  ],
  [
    { CI_MERGE_REQUEST_TARGET_BRANCH_SHA: "", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "next" },
    {},
    { ref: "origin/next", exact: false },
  ],
])("CI's variables %j and event %j give %j", (env, event, expected) => {
  expect(ciBase(env, event)).toEqual(expected);
});

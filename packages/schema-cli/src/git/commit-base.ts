import type { CheckBase } from "../commands/resolve-base.ts";
import { UncheckedError } from "../result/fault.ts";
import { commitFiles } from "./commit-files.ts";
import { git } from "./git.ts";

/** A commit as something to compare with; paths are from `folder`. */
export function commitBase(folder: string, ref: string, commit: string): CheckBase {
  return {
    ref,
    commit,
    files: commitFiles(folder, commit),
    async earlier(paths) {
      const before = await commitBefore(folder, commit, paths);
      return before === null ? null : commitBase(folder, ref, before);
    },
  };
}

/**
 * The commit before the last one that changed some files, by first parents: what a branch was before it was merged into,
 * and not what was merged.
 */
async function commitBefore(
  folder: string,
  commit: string,
  paths: readonly string[],
): Promise<string | null> {
  const args = [
    "rev-list",
    "-1",
    "--first-parent",
    commit,
    "--",
    ...paths.map((each) => `:(literal)${each}`),
  ];
  const changed = (await git(folder, args))?.trim() ?? "";
  if (changed === "") return null;
  const parent = await git(folder, ["rev-parse", "--verify", "--quiet", `${changed}^1^{commit}`]);
  if (parent !== null) return parent.trim();
  if ((await git(folder, ["rev-parse", "--is-shallow-repository"]))?.trim() !== "true") return null;
  throw new UncheckedError(
    `the base does not compose, and what was before ${changed.slice(0, 7)} is not here: the clone is shallow`,
    "git fetch --unshallow (in CI: `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab)",
  );
}

import { UncheckedError, UsageError } from "../result/fault.ts";
import type { CiBase } from "./ci-base.ts";
import { git } from "./git.ts";

export interface BaseOptions {
  /** A folder of the repository. */
  folder: string;
  /** What `--base` was given, if it was: compared with as it is. */
  asked: string | undefined;
  /** What CI names; used where nothing was asked for. */
  ci: CiBase | null;
  /** The repository's default branch, where CI tells it. */
  defaultBranch?: string | null;
}

export interface Base {
  ref: string;
  /** The full name of the commit to compare with. */
  commit: string;
}

/**
 * Finds the commit to compare with: the one asked for, CI's, or where the branch left the default branch: the one that CI
 * tells, the remote's, `main`, `master`, or what git makes in new repositories.
 *
 * @throws {UsageError} for a ref that git would take for an option
 * @throws {UncheckedError} where there is no such commit, or too little history to find it
 */
export async function findBase({ folder, asked, ci, defaultBranch = null }: BaseOptions): Promise<Base> {
  const wanted = asked === undefined ? ci : { ref: asked, exact: true };
  if (wanted?.ref.startsWith("-") || wanted?.ref === "") {
    throw new UsageError(
      `--base ${JSON.stringify(wanted.ref)} is not a ref: it is empty or begins with a dash.`,
    );
  }
  if ((await git(folder, ["rev-parse", "--git-dir"])) === null) {
    throw new UncheckedError("this is not a git repository", "run it in the repository's clone");
  }
  if ((await commitOf(folder, "HEAD")) === null) {
    throw new UncheckedError("the repository has no commit to compare with", "commit the schema first");
  }
  const refs = wanted === null ? await defaultBranches(folder, defaultBranch) : [wanted.ref];
  for (const ref of refs) {
    const commit = await commitOf(folder, ref);
    if (commit === null) continue;
    if (wanted?.exact === true) return { ref, commit };
    const fork = (await git(folder, ["merge-base", "HEAD", commit]))?.trim();
    if (fork !== undefined && fork !== "") return { ref, commit: fork };
    throw await unknown(folder, `HEAD and ${ref} have no commit in common here`, ref);
  }
  throw await unknown(folder, `there is no commit ${refs.join(" or ")} here`, refs[0] ?? "main");
}

/** The names that the default branch may have here: its own, and the remote's. */
async function defaultBranches(folder: string, named: string | null): Promise<string[]> {
  const ask = async (...args: string[]) => (await git(folder, args))?.trim() || null;
  const names = [
    named,
    (await ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"))?.replace(/^origin\//, ""),
    "main",
    "master",
    await ask("config", "--get", "init.defaultBranch"),
  ];
  const branches = names.flatMap((name) =>
    name == null || name.startsWith("-") ? [] : [name, `origin/${name}`],
  );
  return [...new Set(branches)];
}

async function commitOf(folder: string, ref: string): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`];
  return (await git(folder, args))?.trim() ?? null;
}

async function unknown(folder: string, message: string, ref: string): Promise<UncheckedError> {
  const shallow = (await git(folder, ["rev-parse", "--is-shallow-repository"]))?.trim() === "true";
  if (shallow) {
    return new UncheckedError(
      `${message}: the clone is shallow`,
      "git fetch --unshallow (in CI: `fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab)",
    );
  }
  const branch = ref.replace(/^origin\//, "");
  const fix = `git fetch origin ${branch}, or name another with --base; git remote set-head origin --auto has git find the default branch`;
  return new UncheckedError(message, fix);
}

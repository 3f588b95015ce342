import { disk } from "../commands/disk.ts";
import { type Base, findBase } from "../git/base.ts";
import { type GithubEvent, ciBase, ciDefaultBranch } from "../git/ci-base.ts";
import { UncheckedError } from "../result/fault.ts";

export interface OpenBaseOptions {
  /** What `--base` was given, if it was. */
  asked: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** A folder of the repository. */
  folder: string;
}

/**
 * The base to compare with: the one asked for, or CI's, or where the branch left the default branch.
 *
 * @throws {UsageError}
 * @throws {UncheckedError}
 */
export async function openBase({ asked, env, folder }: OpenBaseOptions): Promise<Base> {
  if (asked !== undefined) return findBase({ folder, asked, ci: null });
  const event = await readEvent(env["GITHUB_EVENT_PATH"]);
  return findBase({ folder, asked, ci: ciBase(env, event), defaultBranch: ciDefaultBranch(env, event) });
}

/** GitHub's event, as far as it matters here; nothing without one. */
async function readEvent(file: string | undefined): Promise<GithubEvent> {
  const text = file === undefined || file === "" ? null : await disk.read(file);
  if (text === null) return {};
  const fault = (reason: string) =>
    new UncheckedError(
      `${file}, which GITHUB_EVENT_PATH names, is no event of GitHub's: ${reason}`,
      "name the commit to compare with by --base",
    );
  let event: unknown;
  try {
    event = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error));
  }
  const branch = fieldOf(fieldOf(event, "repository"), "default_branch");
  const rest = typeof branch === "string" ? { repository: { default_branch: branch } } : {};
  const group = fieldOf(event, "merge_group");
  if (group === undefined || group === null) return rest;
  const base = fieldOf(group, "base_sha");
  if (typeof base !== "string") throw fault("merge_group.base_sha is no text");
  return { ...rest, merge_group: { base_sha: base } };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

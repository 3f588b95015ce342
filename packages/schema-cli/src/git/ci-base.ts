/** What CI says that a change is to be compared with. */
export interface CiBase {
  /** A ref or commit, as CI gives it. */
  ref: string;
  /** Whether to compare with that itself, or with where the branch left it. */
  exact: boolean;
}

/** The part of GitHub's event that matters here. */
export interface GithubEvent {
  merge_group?: { base_sha?: string };
  repository?: { default_branch?: string };
}

/** The repository's default branch, where CI tells it: GitHub's event, GitLab's `CI_DEFAULT_BRANCH`. */
export function ciDefaultBranch(
  env: Readonly<Record<string, string | undefined>>,
  event: GithubEvent,
): string | null {
  return event.repository?.default_branch || env.CI_DEFAULT_BRANCH || null;
}

/**
 * The base of a pull request or of a merge queue's group, from CI's variables; null where they name none.
 *
 * GitHub: `GITHUB_BASE_REF` for pull requests, the event's `merge_group.base_sha` for the merge queue.
 * GitLab: the target's commit for merged results and merge trains, else the diff's base, else the target's name.
 */
export function ciBase(env: Readonly<Record<string, string | undefined>>, event: GithubEvent): CiBase | null {
  const group = event.merge_group?.base_sha;
  if (group !== undefined) return { ref: group, exact: true };
  if (env.GITHUB_BASE_REF) return { ref: `origin/${env.GITHUB_BASE_REF}`, exact: false };
  if (env.CI_MERGE_REQUEST_TARGET_BRANCH_SHA) {
    return { ref: env.CI_MERGE_REQUEST_TARGET_BRANCH_SHA, exact: true };
  }
  if (env.CI_MERGE_REQUEST_DIFF_BASE_SHA) return { ref: env.CI_MERGE_REQUEST_DIFF_BASE_SHA, exact: true };
  if (env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME) {
    return { ref: `origin/${env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME}`, exact: false };
  }
  return null;
}

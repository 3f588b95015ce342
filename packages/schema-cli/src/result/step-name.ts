/** The steps of `schema check`, in the order in which they run. */
export const stepNames = [
  "compose",
  "lint",
  "diff",
  "auth",
  "operations",
  "plan",
  "cost",
  "rollout",
] as const;

export type StepName = (typeof stepNames)[number];

/** What became of a step. */
export interface StepReport {
  name: StepName;
  /**
   * `done`: it looked, and its findings say what it saw. `skipped`: there was nothing for it to look at, such as no
   * operations. `unchecked`: it should have looked and could not, as where the head does not compose; the run fails.
   */
  outcome: "done" | "skipped" | "unchecked";
  /** Why it was skipped or could not look; a clause without a full stop. */
  reason?: string;
}

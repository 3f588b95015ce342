/** What became of one check. */
export interface Outcome {
  name: string;
  state: "passed" | "failed" | "left out";
  seconds: number;
}

/** A line for each check, in columns, and one that says passed or failed and why. */
export function renderSummary(outcomes: Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length));
  const failed = outcomes.filter(({ state }) => state === "failed").map(({ name }) => name);
  return [
    ...outcomes.map(
      ({ name, state, seconds }) =>
        `${name.padEnd(width)}  ${state.padEnd(8)}  ${state === "left out" ? "" : `${seconds.toFixed(1).padStart(6)} s`}`,
    ),
    "",
    failed.length === 0 ? "check: passed" : `check: failed: ${failed.join(", ")}`,
  ]
    .map((line) => line.trimEnd())
    .join("\n");
}

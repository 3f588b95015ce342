import type { GraphQLError } from "graphql";
import { type Failure, FailureReport, type Path } from "./failure.ts";

/** A failure with all that it struck in the client's answer. */
export interface PlacedFailure {
  readonly failure: Failure;
  readonly places: readonly FailedPlace[];
}

/** The exact place, or an object of which the keys are missing, in the plan's names. */
export interface FailedPlace {
  readonly path: Path;
  readonly keys: readonly string[];
}

/** Sorts an executor's errors: failures of subgraphs, each with all of its places, and whatever else there is. */
export function sortErrors(errors: readonly GraphQLError[]): {
  readonly failures: readonly PlacedFailure[];
  readonly others: readonly GraphQLError[];
} {
  const places = new Map<Failure, FailedPlace[]>();
  const others: GraphQLError[] = [];
  for (const error of errors) {
    const report: unknown = error.originalError;
    if (!(report instanceof FailureReport)) {
      others.push(error);
      continue;
    }
    const place = { path: error.path ?? [], keys: report.keys };
    const known = places.get(report.failure);
    if (known === undefined) places.set(report.failure, [place]);
    else known.push(place);
  }
  const failures = [...places].map(([failure, found]) => ({ failure, places: found.toSorted(inOrder) }));
  return { failures, others };
}

/** As in the answer: the executor goes by entities, of which one can be in several places. */
function inOrder({ path: one }: FailedPlace, { path: other }: FailedPlace): number {
  for (const [at, part] of one.entries()) {
    const against = other[at];
    if (typeof part === "number" && typeof against === "number" && part !== against) return part - against;
  }
  return 0;
}

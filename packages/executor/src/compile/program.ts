import { FastState } from "../fast/fast-state.ts";
import { askedFields } from "./asked-fields.ts";
import type { ProgramSource } from "./program-source.ts";
import { compileProjection } from "./projection.ts";
import { compilePlan, fetchesOf, type Step } from "./steps.ts";

/** An operation with its plan, ready to run any number of times. */
export interface Program {
  /** Null where no subgraph is asked. */
  readonly step: Step | null;
  readonly project: ReturnType<typeof compileProjection>;
  readonly fast: FastState;
}

/**
 * Compiles a plan for given values of its conditions.
 *
 * @throws Error for what Apollo Gateway does not run either: subscriptions and `@defer`
 */
export function compileProgram(source: ProgramSource): Program {
  const step = compilePlan(source);
  const { operation, conditions } = source;
  return {
    step,
    project: compileProjection({ operation, conditions, asked: askedFields(fetchesOf(step)) }),
    fast: new FastState(source, step),
  };
}

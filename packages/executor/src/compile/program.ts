import type { ProgramSource } from "./program-source.ts";
import { compileProjection } from "./projection.ts";
import { compilePlan, type Step } from "./steps.ts";

/** An operation with its plan, ready to run any number of times. */
export interface Program {
  /** Null where no subgraph is asked. */
  readonly step: Step | null;
  readonly project: ReturnType<typeof compileProjection>;
}

/**
 * Compiles a plan for given values of its conditions.
 *
 * @throws Error for what Apollo Gateway does not run either: subscriptions and `@defer`
 */
export function compileProgram(source: ProgramSource): Program {
  return {
    step: compilePlan(source),
    project: compileProjection(source.operation, source.conditions),
  };
}

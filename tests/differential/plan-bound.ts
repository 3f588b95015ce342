import { createContext, Script } from "node:vm";
import { QueryPlanner } from "@apollo/query-planner";

/** How long a plan may take, in milliseconds: as long as in a gateway. */
const PLAN_MILLISECONDS = 10_000;

/** An operation that is not compared, as planning it takes too long. */
export class PlanBoundError extends Error {
  override readonly name = "PlanBoundError";
}

const sandbox = createContext({});
const script = new Script("run()");
let exceeded = 0;
let isBound = false;

/** How many plans of this thread took too long. Whoever wanted one may have gone on without it. */
export function countExceeded(): number {
  return exceeded;
}

/** Has all planners of this thread end where a plan takes too long; from the second call on it does nothing. */
export function boundPlanning(): void {
  if (isBound) return;
  const { buildQueryPlan } = QueryPlanner.prototype;
  QueryPlanner.prototype.buildQueryPlan = function bounded(operation, options) {
    return endAfter(PLAN_MILLISECONDS, () => buildQueryPlan.call(this, operation, options));
  };
  isBound = true;
}

/**
 * Runs something that need not end by itself. V8 ends it, whatever it is at; a thread would do so as well, and load each
 * of very many supergraphs once more.
 *
 * @throws PlanBoundError where it takes longer
 */
export function endAfter<Result>(milliseconds: number, run: () => Result): Result {
  sandbox["run"] = run;
  try {
    return script.runInContext(sandbox, { timeout: milliseconds }) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    exceeded++;
    throw new PlanBoundError(`A plan takes longer than ${milliseconds} ms.`, { cause: error });
  }
}

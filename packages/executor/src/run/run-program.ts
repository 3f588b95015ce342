import type { GatewayExecutionResult } from "@apollo/server-gateway-interface";
import type { Program } from "../compile/program.ts";
import type { Step } from "../compile/steps.ts";
import { EntityStore } from "./entity-store.ts";
import { runFetch } from "./fetch.ts";
import { FAILED, ProjectionRun } from "./projection-run.ts";
import type { RunningRequest } from "./request.ts";

/** What a program needs of a request. */
export type ProgramRequest = Pick<RunningRequest, "context" | "variables" | "responseNames" | "dataSources">;

/**
 * Runs a program for one request.
 *
 * Values that break the schema are told in `extensions.valueCompletion`, and only where nothing else went wrong, as
 * Apollo's gateway and router do.
 */
export async function runProgram(program: Program, request: ProgramRequest): Promise<GatewayExecutionResult> {
  const running: RunningRequest = {
    ...request,
    root: {},
    errors: [],
    entities: new EntityStore(),
    shared: null,
  };
  if (program.step !== null) await runStep(program.step, running);
  const projection = new ProjectionRun(request.variables, running.shared);
  const projected = program.project(running.root, projection);
  const data = projected === FAILED ? null : projected;
  const errors = running.errors.length > 0 ? running.errors : projection.errors;
  if (errors.length > 0) return { errors, data };
  if (projection.violations.length > 0)
    return { extensions: { valueCompletion: projection.violations }, data };
  return { data };
}

async function runStep(step: Step, request: RunningRequest): Promise<void> {
  switch (step.kind) {
    case "fetch":
      return runFetch(step, request);
    case "sequence":
      for (const each of step.steps) await runStep(each, request);
      return;
    case "parallel":
      await Promise.all(step.steps.map((each) => runStep(each, request)));
  }
}

import type { GatewayExecutionResult } from "@apollo/server-gateway-interface";
import type { GraphQLError } from "graphql";
import type { Program } from "../compile/program.ts";
import type { Step } from "../compile/steps.ts";
import type { JsonObject } from "../json.ts";
import { keepViolations } from "../result/violations.ts";
import { EntityStore } from "./entity-store.ts";
import { runFetch } from "./fetch.ts";
import { FAILED, ProjectionRun } from "./projection-run.ts";
import { runFast } from "../fast/run-fast.ts";
import { createTextData, parseData, releaseData } from "../result/text-data.ts";
import type { RunningRequest } from "./request.ts";
import { RecordedCalls } from "./recorded-calls.ts";

/** What a program needs of a request. */
export type ProgramRequest = Pick<
  RunningRequest,
  "context" | "variables" | "responseNames" | "dataSources"
> & {
  /** Tells when the response is sent, where that is known. */
  readonly sending?: Sending | undefined;
  /** Whether data may be text behind a Proxy; else it is a plain object. */
  readonly asText: boolean;
};

/** A response on its way to a client: what node:http's ServerResponse tells. */
export interface Sending {
  /** Has a listener called once the response is with the system, or its connection is gone. */
  once(event: "close", listener: () => void): unknown;
}

/**
 * Runs a program for one request: by the fast engine where it can, and from the beginning over the same answers by the
 * reference engine where something comes up that the fast one does not do.
 */
export function runProgram(program: Program, request: ProgramRequest): Promise<GatewayExecutionResult> {
  const recorded = new RecordedCalls();
  const fast = program.step === null ? null : program.fast.take(request.dataSources);
  if (fast === null || program.step === null) return runReference(program, { ...request, recorded });
  return runFast(fast, program.step, { ...request, recorded }).then(
    (response) => {
      program.fast.succeeded();
      if (!request.asText) return { data: parseData(response) };
      const data = createTextData(response);
      request.sending?.once("close", () => releaseData(data));
      return { data };
    },
    (error: unknown) => {
      program.fast.failed(error);
      return runReference(program, { ...request, recorded });
    },
  );
}

/**
 * Runs a program by the reference engine.
 *
 * Values that break the schema are told in `extensions.valueCompletion`, and only where nothing else went wrong, as
 * Apollo's gateway and router do.
 */
async function runReference(
  program: Program,
  request: ProgramRequest & Pick<RunningRequest, "recorded">,
): Promise<GatewayExecutionResult> {
  const running: RunningRequest = {
    ...request,
    root: {},
    errors: [],
    entities: new EntityStore(),
    shared: null,
    missing: null,
  };
  if (program.step !== null) await runStep(program.step, running);
  const projection = new ProjectionRun(running);
  const projected = program.project(running.root, projection);
  const data = projected === FAILED ? null : projected;
  const { violations, ownErrors } = projection;
  const types = violations.filter(({ kind }) => kind === "type").map(({ error }) => error);
  const errors = [...(running.errors.length > 0 ? running.errors : types), ...ownErrors];
  const values = violations.filter(({ kind }) => kind !== "type").map(({ error }) => error);
  const result = resultOf(data, errors, values);
  keepViolations(result, violations);
  return result;
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

function resultOf(
  data: JsonObject | null,
  errors: readonly GraphQLError[],
  violations: readonly GraphQLError[],
): GatewayExecutionResult {
  if (errors.length > 0) return { errors, data };
  return violations.length > 0 ? { extensions: { valueCompletion: violations }, data } : { data };
}

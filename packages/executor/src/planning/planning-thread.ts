import { operationFromDocument, type Schema, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { GraphQLError, parse } from "graphql";
import { isMainThread, parentPort } from "node:worker_threads";
import type { FromThread, PlanFailure, PlannerSource, PlanTask, ToThread } from "./messages.ts";
import { overrideConditionsOf } from "./override-conditions.ts";
import { preferResolvableKeys } from "./resolvable-keys.ts";

/*
 * What a planning thread runs: it has the planners of the supergraphs that it was told of, and makes one plan at a time.
 * It is ended from outside where a plan takes too long.
 */
if (isMainThread || parentPort === null) throw new Error("This module is run in a thread of its own.");
const port = parentPort;

interface LoadedPlanner {
  readonly source: PlannerSource;
  readonly apiSchema: Schema;
  readonly planner: QueryPlanner;
}

/** What is in the place of a planner where it could not be made: why, for whoever asks for a plan. */
const planners = new Map<number, LoadedPlanner | PlanFailure>();
const tell = (message: FromThread) => port.postMessage(message);

port.on("message", (message: ToThread) => {
  switch (message.kind) {
    case "load":
      planners.set(message.source.id, loadOrFail(message.source));
      return;
    case "release":
      planners.delete(message.id);
      return;
    case "plan": {
      const { job, id, task, maxPlanLength } = message;
      const loaded = planners.get(id);
      if (loaded === undefined) throw new Error(`No supergraph ${id} was loaded.`);
      if (!("planner" in loaded)) return tell({ kind: "failed", job, failure: loaded });
      tell({ kind: "began", job });
      try {
        const plan = makePlan(loaded, task);
        if (plan.length > maxPlanLength) tell({ kind: "tooLong", job, length: plan.length });
        else tell({ kind: "planned", job, plan });
      } catch (error) {
        tell({ kind: "failed", job, failure: failureOf(error) });
      }
    }
  }
});

function loadOrFail(source: PlannerSource): LoadedPlanner | PlanFailure {
  try {
    return load(source);
  } catch (error) {
    return failureOf(error);
  }
}

function load(source: PlannerSource): LoadedPlanner {
  // It was validated where it was first loaded.
  const supergraph = Supergraph.build(source.supergraphSdl, { validateSupergraph: false });
  const planner = new QueryPlanner(supergraph, source.config);
  preferResolvableKeys(planner);
  return { source, apiSchema: supergraph.apiSchema(), planner };
}

function makePlan({ source, apiSchema, planner }: LoadedPlanner, task: PlanTask): string {
  const { recursiveSelectionsLimitDisabled, nonLocalSelectionsLimitDisabled } = source;
  const named = task.operationName === undefined ? {} : { operationName: task.operationName };
  const operation = operationFromDocument(apiSchema, parse(task.document), named);
  const limits = { recursiveSelectionsLimitDisabled, nonLocalSelectionsLimitDisabled };
  const overrideConditions = overrideConditionsOf(task.overrideLabels);
  return JSON.stringify(planner.buildQueryPlan(operation, { ...limits, overrideConditions }));
}

function failureOf(error: unknown): PlanFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { message, stack, extensions: error instanceof GraphQLError ? { ...error.extensions } : null };
}

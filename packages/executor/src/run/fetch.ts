import type { FetchStep } from "../compile/steps.ts";
import { copyJson } from "../json.ts";
import { fetchEntities } from "./fetch-entities.ts";
import { mergeInto } from "./merge.ts";
import { objectsAt } from "./places.ts";
import { reportErrors } from "./report-errors.ts";
import type { RunningRequest } from "./request.ts";
import { callSubgraph, variablesOf } from "./subgraph-call.ts";
import { thrownError } from "./thrown-error.ts";

/** Runs one fetch and merges its answer. Never throws: what goes wrong is among the request's errors. */
export async function runFetch(step: FetchStep, request: RunningRequest): Promise<void> {
  try {
    const { serviceName } = step.node;
    if (request.dataSources[serviceName] === undefined) {
      throw new Error(`Couldn't find service with name "${serviceName}"`);
    }
    if (step.representation === null) await fetchObject(step, request);
    else await fetchEntities(step, step.representation, request);
  } catch (error) {
    request.errors.push(thrownError(error));
  }
}

async function fetchObject(step: FetchStep, request: RunningRequest): Promise<void> {
  const targets = step.path.length === 0 ? [request.root] : objectsAt(request.root, step.path);
  if (targets.length === 0) return;
  const { data, errors } = await callSubgraph(step, request, {
    ...variablesOf(step, request),
    representations: null,
  });
  reportErrors(step, request, { errors });
  if (data === null) return;
  step.rewriteOutput?.(data);
  targets.forEach((target, index) =>
    mergeInto(target, index === 0 ? data : copyJson(data), step.interfaceObjects),
  );
}

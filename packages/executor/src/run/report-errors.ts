import type { GraphQLFormattedError } from "graphql";
import type { FetchStep } from "../compile/steps.ts";
import type { JsonObject } from "../json.ts";
import { placesAt } from "./places.ts";
import type { RunningRequest } from "./request.ts";
import { subgraphError } from "./subgraph-errors.ts";

/** Errors of a fetch: of the call, and of single entities. */
export interface FetchErrors {
  readonly errors: readonly GraphQLFormattedError[];
  /** Those of entities that were not asked for, whose place nobody knows. */
  readonly strays?: readonly GraphQLFormattedError[];
  readonly ofEntities?: readonly EntityErrors[];
}

interface EntityErrors {
  readonly errors: readonly GraphQLFormattedError[];
  /** The objects with the representation that the errors are about. */
  readonly targets: readonly JsonObject[];
}

/**
 * Adds the errors of an answer to the request's: an entity's at each place where the entity is. Another answer may have put
 * something else there meanwhile: then it is told as one of an entity that was not asked for.
 */
export function reportErrors(step: FetchStep, request: RunningRequest, told: FetchErrors): void {
  const { serviceName } = step.node;
  const { ofEntities = [], strays = [] } = told;
  const clientName = (part: string | number) =>
    typeof part === "string" ? (request.responseNames.get(part) ?? part) : part;
  for (const error of told.errors) {
    const path = error.path === undefined ? undefined : [...step.path, ...error.path];
    request.errors.push(subgraphError(error, serviceName, path?.map(clientName)));
    countForUsageReports(request, serviceName, error);
  }
  for (const error of strays) {
    request.errors.push(subgraphError(error, serviceName, error.path?.map(clientName)));
    countForUsageReports(request, serviceName, error);
  }
  const places = ofEntities.length === 0 ? null : placesAt(request.root, step.path);
  for (const { errors, targets } of ofEntities) {
    for (const error of errors) {
      const within = error.path?.slice(2) ?? [];
      const found = targets.flatMap((target) => places?.get(target) ?? []);
      for (const place of found.length > 0 ? found : [[]]) {
        request.errors.push(subgraphError(error, serviceName, [...place, ...within].map(clientName)));
      }
      countForUsageReports(request, serviceName, error);
    }
  }
}

/** Apollo's usage reports count errors that no trace tells of by the paths in the subgraph. */
function countForUsageReports(request: RunningRequest, subgraph: string, error: GraphQLFormattedError): void {
  const metrics = request.context.metrics as typeof request.context.metrics | undefined;
  if (metrics === undefined) return;
  (metrics.nonFtv1ErrorPaths ??= []).push({ subgraph, path: error.path });
}

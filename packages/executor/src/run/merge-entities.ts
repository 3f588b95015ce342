import type { FetchStep } from "../compile/steps.ts";
import { copyJson, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { mergeInto } from "./merge.ts";
import type { RunningRequest } from "./request.ts";

/** Entities with one representation. */
export interface EntityGroup {
  /** The representation as JSON. */
  readonly text: string;
  readonly targets: JsonObject[];
}

interface Received {
  readonly group: EntityGroup;
  readonly received: Json | undefined;
}

/**
 * Merges one received entity into all that it was asked for.
 *
 * They get the same objects, as the rest of the plan does the same with each of them. What another fetch may use again
 * is copied first, and so is what has to be rewritten for each.
 */
export function mergeEntities(step: FetchStep, request: RunningRequest, { group, received }: Received): void {
  if (!isJsonObject(received)) return;
  const { targets } = group;
  if (!step.shareable) {
    for (const target of targets)
      mergeInto(target, rewritten(step, copyJson(received), target), step.interfaceObjects);
    return;
  }
  const [first] = targets;
  if (first === undefined) return;
  const entity = rewritten(step, step.reuseKey === null ? received : copyJson(received), first);
  for (const target of targets) mergeInto(target, entity, step.interfaceObjects);
  if (targets.length > 1) markShared(request, Object.values(entity));
}

/** Rewrites depend on the type, which an answer need not tell. */
function rewritten(step: FetchStep, entity: JsonObject, target: JsonObject): JsonObject {
  if (step.rewriteOutput === null) return entity;
  if (!entity.__typename && target.__typename !== undefined) entity.__typename = target.__typename;
  step.rewriteOutput(entity);
  return entity;
}

function markShared(request: RunningRequest, values: readonly Json[]): void {
  for (const value of values) {
    if (Array.isArray(value)) markShared(request, value);
    else if (isJsonObject(value)) (request.shared ??= new Set()).add(value);
  }
}

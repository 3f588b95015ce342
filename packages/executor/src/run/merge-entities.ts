import { isDeepStrictEqual } from "node:util";
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

type MergeStep = Pick<FetchStep, "shareable" | "reuseKey" | "rewriteOutput" | "interfaceObjects">;
type Sharing = Pick<RunningRequest, "shared" | "missing">;

interface Received {
  readonly group: EntityGroup;
  readonly received: Json | undefined;
}

/**
 * Merges one received entity into all that it was asked for.
 *
 * Those of which the same is known get the same objects, as the rest of the plan does the same with each of them. Others
 * get objects of their own: subgraphs that contradict each other may tell two entities by one key, and what is fetched
 * next for one of them by another key is not the other one's. What another fetch may use again is copied first, and so is
 * what has to be rewritten for each.
 */
export function mergeEntities(step: MergeStep, request: Sharing, { group, received }: Received): void {
  const { targets } = group;
  if (!isJsonObject(received)) {
    if (received === null) for (const target of targets) (request.missing ??= new Set()).add(target);
    return;
  }
  if (!step.shareable) {
    for (const target of targets)
      mergeInto(target, rewritten(step, copyJson(received), target), step.interfaceObjects);
    return;
  }
  for (const [index, alike] of groupAlike(targets).entries()) {
    const [first] = alike;
    const isOwn = step.reuseKey === null && index === 0;
    const entity = rewritten(step, isOwn ? received : copyJson(received), first);
    for (const target of alike) mergeInto(target, entity, step.interfaceObjects);
    if (alike.length > 1) markShared(request, Object.values(entity));
  }
}

type Alike = [first: JsonObject, ...others: JsonObject[]];

/** Where more than that is told of one entity, it is not worth looking for those that tell the same. */
const ALIKE_LIMIT = 8;

/** Objects with those that have the same in them. */
function groupAlike(objects: readonly JsonObject[]): Alike[] {
  const groups: Alike[] = [];
  for (const object of objects) {
    const alike =
      groups.length < ALIKE_LIMIT ? groups.find(([first]) => isDeepStrictEqual(first, object)) : undefined;
    if (alike === undefined) groups.push([object]);
    else alike.push(object);
  }
  return groups;
}

/** Rewrites depend on the type, which an answer need not tell. */
function rewritten(step: MergeStep, entity: JsonObject, target: JsonObject): JsonObject {
  if (step.rewriteOutput === null) return entity;
  if (!entity.__typename && target.__typename !== undefined) entity.__typename = target.__typename;
  step.rewriteOutput(entity);
  return entity;
}

function markShared(request: Sharing, values: readonly Json[]): void {
  for (const value of values) {
    if (Array.isArray(value)) markShared(request, value);
    else if (isJsonObject(value)) (request.shared ??= new Set()).add(value);
  }
}

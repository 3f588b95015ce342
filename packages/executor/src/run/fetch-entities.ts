import type { WriteRepresentation } from "../compile/representation.ts";
import type { FetchStep } from "../compile/steps.ts";
import type { JsonObject } from "../json.ts";
import { type EntityCall, type EntityPlace, forgetFailures } from "./entity-store.ts";
import { type EntityGroup, mergeEntities } from "./merge-entities.ts";
import { objectsAt } from "./places.ts";
import { reportErrors } from "./report-errors.ts";
import type { RunningRequest } from "./request.ts";
import { sortByEntity } from "./subgraph-answer.ts";
import { thrownError } from "./thrown-error.ts";
import { callSubgraph, variablesOf } from "./subgraph-call.ts";

/** Fetches more of the entities at a step's path: each representation once, and none that this request has asked for. */
export async function fetchEntities(
  step: FetchStep,
  representation: WriteRepresentation,
  request: RunningRequest,
): Promise<void> {
  const groups = groupEntities(entitiesAt(step, request), representation);
  if (groups.size === 0) return;
  const variables = variablesOf(step, request);
  if (Object.hasOwn(variables.own, "representations")) {
    throw new Error(`Variables cannot contain key "representations"`);
  }

  const places: Map<string, EntityPlace> =
    step.reuseKey === null ? new Map() : request.entities.placesOf(`${step.reuseKey}{${variables.ownText}}`);
  const missing = [...groups.keys()].filter((text) => !places.has(text));
  if (missing.length > 0) {
    const call: EntityCall = {
      answers: callSubgraph(step, request, { ...variables, representations: missing }).then((answer) =>
        sortByEntity(answer, missing.length),
      ),
    };
    missing.forEach((text, index) => places.set(text, { call, index }));
    if (step.reuseKey !== null) forgetFailures(places, call);
  }

  const asked = [...groups.values()].map((group) => ({
    group,
    place: places.get(group.text) as EntityPlace,
  }));
  const failures = new FailureLog();
  for (const [call, parts] of Map.groupBy(asked, ({ place }) => place.call)) {
    await takeAnswers(step, request, { call, parts, failures });
  }
}

interface CallParts {
  readonly call: EntityCall;
  readonly parts: readonly { readonly group: EntityGroup; readonly place: EntityPlace }[];
  readonly failures: FailureLog;
}

async function takeAnswers(
  step: FetchStep,
  request: RunningRequest,
  { call, parts, failures }: CallParts,
): Promise<void> {
  try {
    const { entities, errors, errorsOf, strays, fault } = await call.answers;
    const ofEntities = parts.flatMap(({ group, place }) => {
      const own = errorsOf.get(place.index);
      return own === undefined ? [] : [{ errors: own, targets: group.targets }];
    });
    reportErrors(step, request, {
      errors: failures.untold("call", errors),
      strays: failures.untold("stray", strays),
      ofEntities,
    });
    if (fault !== null && failures.isFirstFault()) request.errors.push(thrownError(fault));
    if (entities === null) return;
    for (const { group, place } of parts) {
      mergeEntities(step, request, { group, received: entities[place.index] });
    }
  } catch (error) {
    if (failures.isFirstFault()) request.errors.push(thrownError(error));
  }
}

/** Failures of the calls that one fetch waits for: a subgraph that is down is told once, however many calls these are. */
class FailureLog {
  readonly #told = new Set<string>();
  #faulty = false;

  /**
   * Whether no call before failed as a whole, or had a list of entities that is none. What is said of these is about the
   * very call, and one is enough for a fetch, as with one call.
   */
  isFirstFault(): boolean {
    const isFirst = !this.#faulty;
    this.#faulty = true;
    return isFirst;
  }

  /**
   * Those of a call's failures that no call before it had.
   *
   * @param kind tells apart failures of one call whose texts are equal, as paths of strays lack the entity's part
   */
  untold<Failure extends FailureText>(
    kind: "call" | "stray",
    failures: readonly Failure[],
  ): readonly Failure[] {
    const untold = failures.filter((failure) => !this.#told.has(kind + textOf(failure)));
    for (const failure of untold) this.#told.add(kind + textOf(failure));
    return untold;
  }
}

interface FailureText {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function textOf({ message, path, extensions }: FailureText): string {
  return JSON.stringify([message, path, extensions?.code]);
}

function entitiesAt(step: FetchStep, request: RunningRequest): Iterable<JsonObject> {
  const entities = objectsAt(request.root, step.path);
  return request.shared === null ? entities : new Set(entities);
}

function groupEntities(
  entities: Iterable<JsonObject>,
  representation: WriteRepresentation,
): ReadonlyMap<string, EntityGroup> {
  const groups = new Map<string, EntityGroup>();
  for (const entity of entities) {
    const text = representation(entity);
    if (text === null) continue;
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { text, targets: [entity] });
    else group.targets.push(entity);
  }
  return groups;
}

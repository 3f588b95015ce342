import type { Violation } from "@tributary/executor";
import { codedError, relayedError } from "@tributary/subgraph-kit/errors";
import type { GraphQLError } from "graphql";
import type { Path } from "./failure.ts";
import { readFetchKeys } from "./fetch-keys.ts";
import type { FailedPlace, PlacedFailure } from "./placed-failures.ts";
import type { PlannedFetch } from "./planned-fetches.ts";
import { clientMessage, serviceInWords } from "./subgraph-error.ts";

type Data = Readonly<Record<string, unknown>> | null;

/** How many errors about subgraphs one answer has at most; the last one says how many more there are. */
export const subgraphErrorLimit = 100;

export interface ExplanationOptions {
  readonly failures: readonly PlacedFailure[];
  /** The fetches of the plan, in its order. */
  readonly plannedFetches: () => readonly PlannedFetch[];
  /** The client's name for a response name of the plan. */
  readonly clientName: (name: string) => string;
  /** What does not fit the schema, as the executor found it. */
  readonly violations: readonly Violation[];
  /** Whether the client asks for a field at a place. */
  readonly isAsked: (place: Path) => boolean;
}

/** An error's place: the field that failed, and the null that came of it, which may be an object around the field. */
interface ExplainedPlace {
  readonly path: Path;
  readonly reached: Path;
}

/**
 * Makes the errors that explain an answer's nulls. Each names the field that failed, however far its null has spread
 * (GraphQL, section 7.1.2); where several fields of one fetch failed and made one object null, one of them that the schema
 * does not let be null. A fetch that failed for many objects gives one error for each null. Where a failure left no null
 * behind, its error points at the nearest object.
 *
 * @param data the client's answer, complete
 */
export function explainNulls(data: Data, options: ExplanationOptions): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  const explained: Path[] = [];
  for (const placed of options.failures) {
    const { code, message, extensions, service } = placed.failure;
    for (const { path, reached } of placesOf(data, placed, options)) {
      errors.push(relayedError(code, message, { path, extensions: { ...extensions, service } }));
      explained.push(reached);
    }
  }
  for (const violation of options.violations) {
    const { path: reached } = locate(data, placeOf(violation));
    if (explained.some((each) => isRelated(each, reached))) continue;
    explained.push(reached);
    errors.push(violationError(violation, options));
  }
  return capped(errors);
}

function placeOf({ error }: Violation): Path {
  return error.path ?? [];
}

function violationError(violation: Violation, options: ExplanationOptions): GraphQLError {
  const path = placeOf(violation);
  const { kind, where } = violation;
  const isOfType = kind === "type" || kind === "entity";
  const service = isOfType ? typeOwnerOf(path, options) : ownerOf(path, options);
  const more = { path, extensions: service === undefined ? {} : { service } };
  if (kind === "type" || kind === "value")
    return codedError("SUBGRAPH_INVALID_RESPONSE", clientMessage("SUBGRAPH_INVALID_RESPONSE", service), more);
  const message = `${serviceInWords(service)} gave null for the non-null ${where}.`;
  return codedError("SUBGRAPH_NULL_FOR_NON_NULL", message, more);
}

function placesOf(data: Data, placed: PlacedFailure, options: ExplanationOptions): readonly ExplainedPlace[] {
  const { failure, places } = placed;
  const { clientName, isAsked } = options;
  const named = failure.exact ? places.filter(({ path }) => isAsked(path)) : [];
  if (named.length > 0) return exactPlaces(data, named);
  const objects = failure.exact ? places.map((place) => objectOf(place, isAsked)) : places;
  const seen = nullsAmong(
    data,
    objects.flatMap(({ path, keys }) => keys.map((key) => [...path, clientName(key)])),
    options,
  );
  if (seen.length > 0) return seen;
  // The fetch brought only what other fetches need: those did not run, and it is their fields that are missing.
  const lost = failure.exact ? keysBehind(objects, places) : failure.fetch.keys.map(clientName);
  const missing = nullsAmong(
    data,
    objects.flatMap(({ path }) => dependentsOf(lost, path, options).map((key) => [...path, key])),
    options,
  );
  if (missing.length > 0) return missing;
  const nearest = locate(data, objects[0]?.path ?? []).path;
  const path = nearest.length > 0 ? nearest : failure.fetch.keys.slice(0, 1).map(clientName);
  return [{ path, reached: path }];
}

/** Places that a subgraph named, one for each null. */
function exactPlaces(data: Data, places: readonly FailedPlace[]): readonly ExplainedPlace[] {
  const found = new Map<string, ExplainedPlace>();
  for (const { path } of places) {
    const { state, path: reached } = locate(data, path);
    const key = JSON.stringify(reached);
    if (!found.has(key)) found.set(key, { path: state === "absent" ? reached : path, reached });
  }
  return [...found.values()];
}

/** The object around a field that the client does not ask for, as another fetch needs it. */
function objectOf({ path }: FailedPlace, isAsked: ExplanationOptions["isAsked"]): FailedPlace {
  let length = path.length;
  while (length > 0 && !isAsked(path.slice(0, length))) length--;
  return { path: path.slice(0, length), keys: [] };
}

/** The places that are null, or in an object that is; one for each null. */
function nullsAmong(
  data: Data,
  places: readonly Path[],
  { violations, isAsked }: ExplanationOptions,
): readonly ExplainedPlace[] {
  const broken = new Set(violations.map((violation) => JSON.stringify(placeOf(violation))));
  const found = new Map<string, ExplainedPlace>();
  for (const path of places) {
    if (!isAsked(path)) continue;
    const { state, path: reached } = locate(data, path);
    if (state !== "null") continue;
    const key = JSON.stringify(reached);
    const known = found.get(key);
    // Of several fields of an object that is null, the one that made it so.
    const isBetter = known !== undefined && !broken.has(JSON.stringify(known.path));
    if (known === undefined || (isBetter && broken.has(JSON.stringify(path))))
      found.set(key, { path, reached });
  }
  return [...found.values()];
}

/** Follows a path through the answer: to its end, to the first null, or to the last thing that is there. */
function locate(data: Data, place: Path): { state: "null" | "absent" | "present"; path: Path } {
  let current: unknown = data;
  for (const [at, key] of place.entries()) {
    if (current === null) return { state: "null", path: place.slice(0, at) };
    if (typeof current !== "object" || !Object.hasOwn(current, key)) {
      return { state: "absent", path: place.slice(0, at) };
    }
    current = (current as Record<string | number, unknown>)[key];
  }
  return { state: current === null ? "null" : "present", path: place };
}

/** The keys of objects that lead to places in them. */
function keysBehind(objects: readonly FailedPlace[], places: readonly FailedPlace[]): readonly string[] {
  return [...new Set(objects.map(({ path }, index) => String(places[index]?.path[path.length])))];
}

/** The keys that fetches on an object would have brought, had they got what they need of it. */
function dependentsOf(
  lost: readonly string[],
  object: Path,
  { plannedFetches, clientName }: ExplanationOptions,
): readonly string[] {
  const path = JSON.stringify(object.filter((key) => typeof key === "string"));
  return plannedFetches()
    .filter(
      (fetch) =>
        fetch.requiredKeys.some((key) => lost.includes(clientName(key))) &&
        JSON.stringify(fetch.path.filter((key) => key !== "@").map(clientName)) === path,
    )
    .flatMap((fetch) => fetch.requiredTypes.flatMap((type) => readFetchKeys(fetch.operation).ofEntity(type)))
    .map(clientName);
}

/** True where one path leads through the other. */
function isRelated(one: Path, other: Path): boolean {
  return one.slice(0, other.length).every((key, at) => key === other[at]);
}

/** The service whose fetch was to bring a field: the one deepest in the plan that asks for it. */
function ownerOf(place: Path, { plannedFetches, clientName }: ExplanationOptions): string | undefined {
  const keys = place.filter((part) => typeof part === "string");
  const candidates = plannedFetches()
    .map((fetch) => ({ fetch, path: fetch.path.filter((part) => part !== "@").map(clientName) }))
    .filter(({ fetch, path }) => {
      const next = keys[path.length];
      if (next === undefined || !path.every((key, at) => key === keys[at])) return false;
      const { root, ofEntity } = readFetchKeys(fetch.operation);
      const brought = fetch.requiredTypes.length > 0 ? ofEntity("") : root;
      return brought.map(clientName).includes(next);
    });
  return candidates.toSorted((one, other) => other.path.length - one.path.length)[0]?.fetch.service;
}

/** The service that was asked for the type of an object: by its key, or the one that gave the object. */
function typeOwnerOf(object: Path, options: ExplanationOptions): string | undefined {
  const keys = JSON.stringify(object.filter((part) => typeof part === "string"));
  const asked = options
    .plannedFetches()
    .find(
      ({ path, requiredTypes }) =>
        requiredTypes.length > 0 &&
        JSON.stringify(path.filter((part) => part !== "@").map(options.clientName)) === keys,
    );
  return asked?.service ?? ownerOf(object, options);
}

function capped(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  if (errors.length <= subgraphErrorLimit) return errors;
  const kept = errors.slice(0, subgraphErrorLimit);
  kept.at(-1)!.extensions["omitted"] = errors.length - subgraphErrorLimit;
  return kept;
}

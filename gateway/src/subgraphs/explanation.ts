import { codedError, relayedError } from "@tributary/subgraph-kit/errors";
import type { GraphQLError } from "graphql";
import type { Failure, Path } from "./failure.ts";
import { readFetchKeys } from "./fetch-keys.ts";
import type { PlacedFailure } from "./placed-failures.ts";
import type { PlannedFetch } from "./planned-fetches.ts";
import { clientMessage } from "./subgraph-error.ts";

type Data = Readonly<Record<string, unknown>> | null;

/** How many errors about subgraphs one answer has at most; the last one says how many more there are. */
export const subgraphErrorLimit = 100;

export interface ExplanationOptions {
  readonly failures: readonly PlacedFailure[];
  /** The fetches of the plan, in its order. */
  readonly plannedFetches: () => readonly PlannedFetch[];
  /** The client's name for a response name of the plan. */
  readonly clientName: (name: string) => string;
  /** Places that came out null although the schema does not allow it, as the executor found them. */
  readonly violations: readonly Path[];
}

/**
 * The errors that explain an answer's nulls. Each points at a null of the answer: where a field that failed was not
 * nullable, at the parent that became null because of it. A fetch that failed for many objects gives one error for each
 * place. Where a failure left no null behind, its error points at the nearest object.
 *
 * @param data the client's answer, complete
 */
export function explainNulls(data: Data, options: ExplanationOptions): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  for (const placed of options.failures) {
    const { code, message, extensions, service } = placed.failure;
    for (const path of placesOf(data, placed, options)) {
      errors.push(relayedError(code, message, { path, extensions: { ...extensions, service } }));
    }
  }
  for (const violation of options.violations) {
    const { path } = locate(data, violation);
    if (errors.some((error) => isRelated(error.path ?? [], path))) continue;
    const service = ownerOf(violation, options);
    errors.push(
      codedError("SUBGRAPH_INVALID_RESPONSE", clientMessage("SUBGRAPH_INVALID_RESPONSE", service ?? "?"), {
        path,
        extensions: service === undefined ? {} : { service },
      }),
    );
  }
  return capped(errors);
}

function placesOf(
  data: Data,
  { failure, places }: PlacedFailure,
  { plannedFetches, clientName }: ExplanationOptions,
): readonly Path[] {
  if (failure.exact) return places.map(({ path }) => locate(data, path).path);
  const seen = nullsAmong(
    data,
    places.flatMap(({ path, keys }) => keys.map((key) => [...path, clientName(key)])),
  );
  if (seen.length > 0) return seen;
  // The fetch brought only what other fetches need: those did not run, and it is their fields that are missing.
  const waiting = dependentsOf(failure, plannedFetches());
  const missing = nullsAmong(
    data,
    places.flatMap(({ path }) => waiting.map((key) => [...path, clientName(key)])),
  );
  if (missing.length > 0) return missing;
  const nearest = locate(data, places[0]?.path ?? []).path;
  return [nearest.length > 0 ? nearest : failure.fetch.keys.slice(0, 1).map(clientName)];
}

function nullsAmong(data: Data, places: readonly Path[]): readonly Path[] {
  const found = new Map<string, Path>();
  for (const place of places) {
    const { state, path } = locate(data, place);
    if (state === "null") found.set(JSON.stringify(path), path);
  }
  return [...found.values()];
}

/** Follows a path through the answer: to its end, to the first null, or to the last thing that is there. */
function locate(data: Data, place: Path): { state: "null" | "absent" | "present"; path: Path } {
  let current: unknown = data;
  for (const [at, key] of place.entries()) {
    if (current === null) return { state: "null", path: place.slice(0, Math.max(at, 1)) };
    if (typeof current !== "object" || !Object.hasOwn(current, key)) {
      return { state: "absent", path: place.slice(0, at) };
    }
    current = (current as Record<string | number, unknown>)[key];
  }
  return { state: current === null ? "null" : "present", path: place };
}

/** The keys, in the plan's names, that fetches on the same objects would have brought, had this one not failed. */
function dependentsOf(failure: Failure, planned: readonly PlannedFetch[]): readonly string[] {
  const failed = new Set(failure.fetch.keys);
  const path = JSON.stringify(failure.fetch.path);
  return planned
    .filter(
      (fetch) => JSON.stringify(fetch.path) === path && fetch.requiredKeys.some((key) => failed.has(key)),
    )
    .flatMap((fetch) => fetch.requiredTypes.flatMap((type) => readFetchKeys(fetch.operation).ofEntity(type)));
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

function capped(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  if (errors.length <= subgraphErrorLimit) return errors;
  const kept = errors.slice(0, subgraphErrorLimit);
  kept.at(-1)!.extensions["omitted"] = errors.length - subgraphErrorLimit;
  return kept;
}

import type { GraphQLFormattedError } from "graphql";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";

/** What a subgraph answered to one call. */
export interface SubgraphAnswer {
  readonly data: JsonObject | null;
  readonly errors: readonly GraphQLFormattedError[];
}

/** An answer to a call for entities, sorted by them. */
export interface EntityAnswers {
  /** By the position of the representation; null where the call got no data at all. */
  readonly entities: readonly Json[] | null;
  /** Errors of single entities, by the position of the representation. */
  readonly errorsOf: ReadonlyMap<number, readonly GraphQLFormattedError[]>;
  /** Errors of entities that were not asked for: with what their paths have of the entity. */
  readonly strays: readonly GraphQLFormattedError[];
  /** Errors of the call. */
  readonly errors: readonly GraphQLFormattedError[];
  /** What is wrong with the list of entities itself, or null. */
  readonly fault: Error | null;
}

/**
 * Reads the errors of an answer, which subgraphs may have written in any way. A path that is no list of names and numbers
 * is left out; what is no error at all is told as one without a message.
 */
export function readErrors(
  errors: readonly GraphQLFormattedError[] | null | undefined,
): readonly GraphQLFormattedError[] {
  if (errors === undefined || errors === null) return [];
  return Array.isArray(errors) ? errors.map(readError) : [{ message: "" }];
}

function readError(error: GraphQLFormattedError): GraphQLFormattedError {
  if (!isJsonObject(error)) return { message: "" };
  const { path, ...told } = error;
  return path === undefined || isPath(path) ? error : told;
}

function isPath(path: unknown): boolean {
  return Array.isArray(path) && path.every((part) => typeof part === "string" || typeof part === "number");
}

/**
 * Sorts an answer by its entities.
 *
 * @param count the number of representations that were sent
 */
export function sortByEntity({ data, errors }: SubgraphAnswer, count: number): EntityAnswers {
  const errorsOf = new Map<number, GraphQLFormattedError[]>();
  const others: GraphQLFormattedError[] = [];
  const strays: GraphQLFormattedError[] = [];
  for (const error of errors) {
    const index = error.path?.[1];
    if (typeof index !== "number") others.push(error);
    else if (!isPosition(index, count)) strays.push({ ...error, path: error.path?.slice(2) ?? [] });
    else if (errorsOf.get(index)?.push(error) === undefined) errorsOf.set(index, [error]);
  }
  const sorted = { errorsOf, errors: others, strays };
  if (!isJsonObject(data)) return { ...sorted, entities: null, fault: null };
  const entities = data._entities;
  if (!Array.isArray(entities)) {
    return {
      ...sorted,
      entities: null,
      fault: new Error(`Expected "data._entities" in response to be an array`),
    };
  }
  if (entities.length !== count) {
    const fault = new Error(`Expected "data._entities" to contain ${count} elements`);
    return { ...sorted, entities: null, fault };
  }
  return { ...sorted, entities, fault: null };
}

function isPosition(index: number, count: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < count;
}

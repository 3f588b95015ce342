import { GraphQLError } from "graphql";
import type { Json, JsonObject } from "../json.ts";
import type { ResponsePath } from "./places.ts";

/** A null whose reason has been told. */
export const FAILED: unique symbol = Symbol("failed");
/** A null where the schema allows none: the value around it becomes null. */
export const BROKEN: unique symbol = Symbol("broken");
export type Projected = Json | typeof FAILED | typeof BROKEN;

/** One request's projection: where it is, and what it found. */
export class ProjectionRun {
  /** Values that break the schema, which Apollo Gateway tells in `extensions.valueCompletion`. */
  readonly violations: GraphQLError[] = [];
  /** Errors for the response. */
  readonly errors: GraphQLError[] = [];
  readonly variables: Readonly<Record<string, unknown>>;
  /** Objects that are in more than one place; null where there are none. */
  readonly #shared: ReadonlySet<JsonObject> | null;
  readonly #results = new Map<object, Map<JsonObject, Projected>>();
  readonly #path: (string | number)[] = [];

  constructor(variables: Readonly<Record<string, unknown>>, shared: ReadonlySet<JsonObject> | null) {
    this.variables = variables;
    this.#shared = shared;
  }

  enter(key: string | number): void {
    this.#path.push(key);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Where the projection is, in words. */
  describe(parentType: string, type: string): string {
    const last = this.#path.at(-1);
    return typeof last === "number"
      ? `array element of type ${type} at index ${last}`
      : `field ${parentType}.${last}`;
  }

  violation(message: string): void {
    this.violations.push(this.#error(message, "INVALID_GRAPHQL"));
  }

  fail(message: string): void {
    this.errors.push(this.#error(message, "DOWNSTREAM_SERVICE_ERROR"));
  }

  /** What an object, shared between places, became at this part of the operation before. */
  known(value: JsonObject, part: object): Projected | undefined {
    return this.#shared === null ? undefined : this.#results.get(part)?.get(value);
  }

  /** Keeps the result of a shared object; not one with errors, which belong to each place. */
  remember(value: JsonObject, part: object, result: Projected): Projected {
    if (this.#shared?.has(value) !== true || result === FAILED || result === BROKEN) return result;
    if (this.violations.length > 0 || this.errors.length > 0) return result;
    const results = this.#results.get(part);
    if (results === undefined) this.#results.set(part, new Map([[value, result]]));
    else results.set(value, result);
    return result;
  }

  #error(message: string, code: string): GraphQLError {
    const path: ResponsePath = [...this.#path];
    return new GraphQLError(message, { path, extensions: { code } });
  }
}

import { GraphQLError } from "graphql";
import type { Json, JsonObject } from "../json.ts";
import type { Violation } from "../result/violations.ts";
import type { ResponsePath } from "./places.ts";
import type { RunningRequest } from "./request.ts";

/** A null whose reason has been told. */
export const FAILED: unique symbol = Symbol("failed");
/** A null where the schema allows none: the value around it becomes null. */
export const BROKEN: unique symbol = Symbol("broken");
export type Projected = Json | typeof FAILED | typeof BROKEN;

/** One request's projection: where it is, and what it found. */
export class ProjectionRun {
  /** What breaks the schema: values, which Apollo Gateway tells in `extensions.valueCompletion`, and types. */
  readonly violations: Violation[] = [];
  /** Errors for the response in any case: nothing else tells of these. */
  readonly ownErrors: GraphQLError[] = [];
  readonly variables: Readonly<Record<string, unknown>>;
  /** Objects that are in more than one place; null where there are none. */
  readonly #shared: ReadonlySet<JsonObject> | null;
  /** Entities that a subgraph does not know; null where there are none. */
  readonly #missing: ReadonlySet<JsonObject> | null;
  readonly #results = new Map<object, Map<JsonObject, Projected>>();
  readonly #path: (string | number)[] = [];

  constructor({ variables, shared, missing }: Pick<RunningRequest, "variables" | "shared" | "missing">) {
    this.variables = variables;
    this.#shared = shared;
    this.#missing = missing;
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

  /** @param where from `describe` */
  nullViolation(kind: "null" | "entity", where: string): void {
    const error = this.#error(`Cannot return null for non-nullable ${where}.`, "INVALID_GRAPHQL");
    this.violations.push({ kind, where, error });
  }

  /** @param what is found there in place of a value that fits: `Invalid value`, or more exactly */
  valueViolation(what: string, where: string): void {
    const error = this.#error(`${what} found for ${where}.`, "INVALID_GRAPHQL");
    this.violations.push({ kind: "value", where, error });
  }

  typeViolation(interfaceName: string): void {
    const where = `object of the interface ${interfaceName}`;
    const error = this.#error(`Cannot tell the type of an ${where}.`, "DOWNSTREAM_SERVICE_ERROR");
    this.violations.push({ kind: "type", where, error });
  }

  /** No subgraph is asked for the field that is wanted here: the planner has no way to it. */
  unresolvable(parentType: string, field: string): void {
    const message =
      `No subgraph can tell the field ${parentType}.${field} here: ` +
      `none that has it and what is selected of it can be reached from this object.`;
    this.ownErrors.push(this.#error(message, "UNRESOLVABLE_FIELD"));
  }

  /** The client gave null where the field here does not take it. */
  refuse(message: string): void {
    this.ownErrors.push(this.#error(message, "BAD_USER_INPUT"));
  }

  /** Whether a subgraph said that it does not know an entity. */
  isMissing(entity: JsonObject): boolean {
    return this.#missing?.has(entity) === true;
  }

  /** What an object, shared between places, became at this part of the operation before. */
  known(value: JsonObject, part: object): Projected | undefined {
    return this.#shared === null ? undefined : this.#results.get(part)?.get(value);
  }

  /** Keeps the result of a shared object; not one with errors, which belong to each place. */
  remember(value: JsonObject, part: object, result: Projected): Projected {
    if (this.#shared?.has(value) !== true || result === FAILED || result === BROKEN) return result;
    const found = this.violations.length + this.ownErrors.length;
    if (found > 0) return result;
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

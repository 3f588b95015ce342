import type { GatewayExecutionResult } from "@apollo/server-gateway-interface";
import type { GraphQLError } from "graphql";

/** A place of a result where the data that subgraphs gave does not fit the schema. */
export interface Violation {
  /**
   * `null` for a null where the schema allows none; `entity` for the same of an object that the subgraph does not know
   * which was asked for its type; `type` for an object of an interface whose own type is not told; `value` for any
   * other value that is not of its type.
   */
  readonly kind: "null" | "entity" | "type" | "value";
  /** The place, in words: `field User.name`, or `array element of type User at index 2`. */
  readonly where: string;
  /** As the result tells it, if it does. */
  readonly error: GraphQLError;
}

const violations = new WeakMap<GatewayExecutionResult, readonly Violation[]>();

/** Keeps what a result does not tell: values that break the schema, where other errors are told. */
export function keepViolations(result: GatewayExecutionResult, found: readonly Violation[]): void {
  if (found.length > 0) violations.set(result, found);
}

/**
 * Gives the nulls, values and types of a result that the schema does not allow, with their paths. All of them: the result
 * itself tells of them only where there are no other errors, those of kind `type` in `errors` and the rest in
 * `extensions.valueCompletion`.
 */
export function violationsOf(result: GatewayExecutionResult): readonly Violation[] {
  return violations.get(result) ?? [];
}

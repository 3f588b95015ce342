import type { GatewayExecutionResult } from "@apollo/server-gateway-interface";
import type { GraphQLError } from "graphql";

const violations = new WeakMap<GatewayExecutionResult, readonly GraphQLError[]>();

/** Keeps what a result does not tell: values that break the schema, where other errors are told. */
export function keepViolations(result: GatewayExecutionResult, found: readonly GraphQLError[]): void {
  if (found.length > 0) violations.set(result, found);
}

/**
 * Nulls and values of a result that the schema does not allow, with their paths. All of them: in the result itself they
 * are told, as `extensions.valueCompletion`, only where there are no errors.
 */
export function violationsOf(result: GatewayExecutionResult): readonly GraphQLError[] {
  return violations.get(result) ?? [];
}

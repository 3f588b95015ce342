import { inspect } from "node:util";
import type { GraphQLError } from "graphql";

/** Gives an error for what a data source or a hook threw, which need not be an error. Apollo Server formats it. */
export function thrownError(thrown: unknown): GraphQLError {
  const error = thrown instanceof Error ? thrown : new Error(`Unexpected error value: ${inspect(thrown)}`);
  return error as GraphQLError;
}

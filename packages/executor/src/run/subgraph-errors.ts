import { errorCodeDef, ERRORS } from "@apollo/federation-internals";
import { GraphQLError, type GraphQLErrorOptions, type GraphQLFormattedError } from "graphql";
import type { ResponsePath } from "./places.ts";

/**
 * An error of a subgraph as clients get it: with the subgraph's name, a path in the whole response, and the subgraph's
 * code, or `DOWNSTREAM_SERVICE_ERROR` where it gave none.
 *
 * @param path in the whole response; undefined where the subgraph told none
 */
export function subgraphError(
  error: GraphQLFormattedError,
  serviceName: string,
  path: ResponsePath | undefined,
): GraphQLError {
  const message = error.message || `Error while fetching subquery from service "${serviceName}"`;
  const options: GraphQLErrorOptions = {
    originalError: error as GraphQLFormattedError & Error,
    path,
    extensions: { ...error.extensions, serviceName },
  };
  const known = errorCodeDef(error);
  if (known === undefined && error.extensions?.code) return new GraphQLError(message, options);
  return (known ?? ERRORS.DOWNSTREAM_SERVICE_ERROR).err(message, options);
}

import type { GraphQLError } from "graphql";
import type { OperationRequest } from "./known-operations.ts";

/** A request's members, as far as they are as they should be (GraphQL over HTTP, section 5.4). */
export interface GraphQLRequest extends OperationRequest {
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

/** Looks at an operation before it is parsed; gives the error that refuses it, with an HTTP status, or null. */
export type RequestCheck = (request: Pick<GraphQLRequest, "query" | "variables">) => GraphQLError | null;

/** What is to be checked of a request that may have anything in it. */
export function checkAnyRequest(
  { query, variables }: Readonly<Record<string, unknown>>,
  check: RequestCheck,
): void {
  const refusal = check({
    query: typeof query === "string" ? query : undefined,
    variables: isRecord(variables) ? variables : undefined,
  });
  if (refusal !== null) throw refusal;
}

/**
 * Reads a request's body, parsed. Null for whatever is out of the ordinary: what to say about it is known to Apollo
 * Server.
 */
export function readGraphQLRequest(body: unknown): GraphQLRequest | null {
  if (!isRecord(body)) return null;
  const { query, operationName, variables, extensions } = body;
  if (query !== undefined && (typeof query !== "string" || query === "")) return null;
  if (!isAbsent(operationName) && (typeof operationName !== "string" || operationName === "")) return null;
  if (!isAbsent(variables) && !isRecord(variables)) return null;
  if (!isAbsent(extensions) && !isRecord(extensions)) return null;
  const persisted = extensions?.["persistedQuery"];
  // A query that comes with its hash is to be checked, and kept.
  if (persisted !== undefined && query !== undefined) return null;
  const persistedHash = persisted === undefined ? undefined : readHash(persisted);
  if (persistedHash === null) return null;
  return {
    query,
    operationName: operationName ?? undefined,
    persistedHash,
    variables: variables ?? undefined,
    extensions: extensions ?? undefined,
  };
}

function readHash(persisted: unknown): string | null {
  if (!isRecord(persisted)) return null;
  const { version, sha256Hash } = persisted;
  return version === 1 && typeof sha256Hash === "string" ? sha256Hash : null;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

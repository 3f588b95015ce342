import type { SubgraphResponseError } from "./subgraph-answer.ts";

/** What the client is told of an error in a subgraph's answer. */
export interface RelayedError {
  readonly code: string;
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Extensions that are part of an error's public meaning; whatever else a subgraph adds stays inside. */
const publicExtensions = ["faults", "argument", "min", "max", "expected", "actual", "retryAfter"];

/** Codes under which servers report what nobody foresaw. */
const unforeseen = new Set(["INTERNAL_SERVER_ERROR", "DOWNSTREAM_SERVICE_ERROR"]);

/** Codes that speak of the gateway's own request, which the client did not write. */
const ofTheGateway = new Set([
  "GRAPHQL_PARSE_FAILED",
  "BAD_REQUEST",
  "UNAUTHENTICATED",
  "PERSISTED_QUERY_NOT_FOUND",
]);

/** What graphql-js says of a value that a scalar does not take: a value that the client wrote. */
const aboutValues =
  /^(Expected value of type|Variable "\$(?!representations")|Value ".*" does not exist in|Enum ")/;

/**
 * Decides what the client sees of a subgraph's error. One made on purpose has a code of its own, and passes with its
 * message and public extensions. Any other is masked: null.
 */
export function relayError({ message, extensions }: SubgraphResponseError): RelayedError | null {
  const code = extensions?.["code"];
  if (typeof code !== "string" || code === "" || unforeseen.has(code) || ofTheGateway.has(code)) return null;
  // Custom scalars are checked by the service that owns them, which calls it a fault of the document.
  if (code === "GRAPHQL_VALIDATION_FAILED") {
    return aboutValues.test(message) ? { code: "BAD_USER_INPUT", message, extensions: {} } : null;
  }
  const kept = publicExtensions.filter((name) => extensions?.[name] !== undefined);
  return { code, message, extensions: Object.fromEntries(kept.map((name) => [name, extensions?.[name]])) };
}

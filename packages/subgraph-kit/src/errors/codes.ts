/** What an error code means, and what the one who gets it can do. */
export interface ErrorCodeEntry {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What the client, or whoever runs the system, should do. */
  readonly action: string;
  /** Who makes errors with this code. `apollo` marks the codes that Apollo Server makes on its own. */
  readonly origin: "gateway" | "subgraph" | "both" | "apollo";
}

const table = {
  UNAUTHENTICATED: {
    meaning: "The request carries a token that is invalid or expired, or lacks one where one is needed.",
    action:
      "Get a new token and send it as `Authorization: Bearer <token>`. The message names the class of fault.",
    origin: "both",
  },
  KEYS_UNAVAILABLE: {
    meaning:
      "The request's token cannot be checked now, as the keys for it cannot be read; it may be a good one. HTTP 503.",
    action:
      "Send the same request again later. Whoever runs the server finds in its log when this began, why, and when it was over.",
    origin: "both",
  },
  FORBIDDEN: {
    meaning: "The caller is known but may not do this.",
    action: "Use an account with the right to do it.",
    origin: "subgraph",
  },
  UNAUTHORIZED_FIELD_OR_TYPE: {
    meaning: "The caller may not see this field or type; it came back null and was never asked of a service.",
    action: "Leave the field out, or use a token with the scopes or roles that the schema names on it.",
    origin: "gateway",
  },
  BAD_USER_INPUT: {
    meaning: "An argument or variable has a value that the field does not take.",
    action: "Mend the value; `extensions.faults` lists what is wrong where several things can be.",
    origin: "both",
  },
  PAGE_SIZE_OUT_OF_RANGE: {
    meaning: "A list was asked for with a page size outside the range that the field allows.",
    action: "Ask for a page size within the range in the message, and page with `after`.",
    origin: "subgraph",
  },
  INVALID_CURSOR: {
    meaning: "A cursor was not made by this list, or was made under another ordering.",
    action:
      "Send back a cursor exactly as the list gave it, with the same ordering, or start from the first page.",
    origin: "subgraph",
  },
  CURRENCY_MISMATCH: {
    meaning: "Amounts of two currencies would have to be compared or added.",
    action: "Ask in the currency that the message names.",
    origin: "subgraph",
  },
  DATABASE_UNAVAILABLE: {
    meaning:
      "A service cannot use its database for now: it is down, restarting, read-only, full or too busy. The field is null.",
    action:
      "Try again after `extensions.retryAfter` seconds, and with longer waits from then on. A mutation may have been done: send it again with the same idempotency key. Whoever runs the service finds one line in its log for when this began and one for when it was over.",
    origin: "subgraph",
  },
  HISTORY_UNAVAILABLE: {
    meaning:
      "The history service has no view to answer from: it is being made for the first time, or again after its data was lost. The field is null.",
    action:
      "Try again after `extensions.retryAfter` seconds, or ask for orders and payments themselves. Whoever runs the service finds in its log how far it has come.",
    origin: "subgraph",
  },
  SUBGRAPH_TIMEOUT: {
    meaning: "A service did not answer in time; its fields are null and the rest of the answer stands.",
    action:
      "Try again later; if it goes on, whoever runs the service named in `extensions.service` should look.",
    origin: "gateway",
  },
  SUBGRAPH_UNAVAILABLE: {
    meaning: "A service could not be reached, or broke the connection; its fields are null.",
    action:
      "Try again later; if it goes on, whoever runs the service named in `extensions.service` should look.",
    origin: "gateway",
  },
  SUBGRAPH_INVALID_RESPONSE: {
    meaning: "A service answered with something that is no GraphQL response, or one too large to take.",
    action:
      "Whoever runs the service named in `extensions.service` should look at its logs and the gateway's.",
    origin: "gateway",
  },
  SUBGRAPH_HTTP_ERROR: {
    meaning: "A service answered with an HTTP error status instead of a GraphQL response.",
    action:
      "Whoever runs the service named in `extensions.service` should look at its logs and the gateway's.",
    origin: "gateway",
  },
  SUBGRAPH_NULL_FOR_NON_NULL: {
    meaning:
      "A service gave null for a field that is not nullable, or does not know the object that the field is of, to which another service refers; the nearest object or list around it that may be null is null.",
    action:
      "The rest of the answer stands. Whoever runs the service named in `extensions.service` should look whether it has the object, by the fields that are the object's key elsewhere; a field whose service may lack the object should be nullable.",
    origin: "gateway",
  },
  UNRESOLVABLE_FIELD: {
    meaning:
      "No service can be asked for this field here, with what is selected of it: none that has it can find the object by a key that is known of it. The field was asked of nobody, and no service is down; the supergraph has a gap.",
    action:
      "Leave the field out, or ask for it where the object is reached by another way. Whoever owns the supergraph: the message names the type and the field. A service that has the field, and what was selected of it, must resolve the type by a `@key` without `resolvable: false` whose fields the service has that gives the object; of an interface with `@interfaceObject` elsewhere, the service that gives it must know object types as well. Then compose again.",
    origin: "gateway",
  },
  PAYLOAD_TOO_LARGE: {
    meaning: "The request's body is larger than the server takes.",
    action: "Send a smaller operation or smaller variables, or split it in several.",
    origin: "both",
  },
  QUERY_TOO_LARGE: {
    meaning:
      "The operation has more tokens, depth, aliases or selections than the gateway takes, or its plan is too large; the message names the limit.",
    action: "Split the operation, or ask for less at once. Whoever runs the gateway can raise the limit.",
    origin: "gateway",
  },
  QUERY_PLANNING_TIMEOUT: {
    meaning: "The gateway could not find out in time which service to ask for what; no service was asked.",
    action:
      "Split the operation, or nest fewer interfaces and unions in each other. Whoever runs the gateway can raise the limit.",
    origin: "gateway",
  },
  QUERY_PLANNING_OVERLOADED: {
    meaning:
      "Too many operations that are new to the gateway came at once, or it stops; no service was asked.",
    action: "Try again.",
    origin: "gateway",
  },
  QUERY_PLANNING_FAILED: {
    meaning:
      "The gateway knows no right order to ask the services in for a field of the operation; the message names the field. No service was asked.",
    action:
      "Ask for the rest without that field. Whoever owns the schema can have its `@requires` need less.",
    origin: "gateway",
  },
  INTERNAL_SERVER_ERROR: {
    meaning: "Something broke that nobody foresaw. Details are in the logs alone.",
    action: "Report `extensions.requestId`; the logs of all services carry it.",
    origin: "both",
  },
  BAD_REQUEST: {
    meaning: "The HTTP request is not a GraphQL request.",
    action: "Send a POST with JSON that has a `query`, and the content type `application/json`.",
    origin: "apollo",
  },
  GRAPHQL_PARSE_FAILED: {
    meaning: "The document is not GraphQL.",
    action: "Mend the syntax at the location in the error.",
    origin: "apollo",
  },
  GRAPHQL_VALIDATION_FAILED: {
    meaning: "The document does not fit the schema.",
    action: "Mend the operation; the explorer shows what the schema has.",
    origin: "apollo",
  },
  OPERATION_RESOLUTION_FAILURE: {
    meaning: "The document holds several operations and none was chosen, or the one named is not there.",
    action: "Send the `operationName` of one of the operations.",
    origin: "apollo",
  },
  PERSISTED_QUERY_NOT_FOUND: {
    meaning: "The server does not know the hash of this operation yet.",
    action: "Send the operation once with its full text and the hash.",
    origin: "apollo",
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    meaning: "The server takes no persisted operations by hash.",
    action: "Send the full text of the operation.",
    origin: "apollo",
  },
} as const satisfies Record<string, ErrorCodeEntry>;

/** Every code that `extensions.code` of an error of this system can have. */
export type ErrorCode = keyof typeof table;

/** The one table of error codes; `docs/errors.md` is generated from it. Frozen all the way down. */
export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeEntry>> = Object.freeze(
  Object.fromEntries(Object.entries(table).map(([code, entry]) => [code, Object.freeze({ ...entry })])),
) as Readonly<Record<ErrorCode, ErrorCodeEntry>>;

/** True for a string that is a code of the table. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}

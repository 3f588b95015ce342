import { GraphQLError } from "graphql";
import { type ErrorCode, isErrorCode } from "./codes.ts";

/** One thing that is wrong with an input. */
export interface Fault {
  /** Where, as a path into the input, such as `address.postalCode`. */
  readonly path: string;
  /** What is wrong there, in words for a person. */
  readonly message: string;
}

export interface CodedErrorOptions {
  /** Where in the response the error belongs. */
  readonly path?: readonly (string | number)[];
  /** More extensions beside the code. They reach the client: never put a secret, a host or SQL in. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** HTTP status of the whole response; only looked at where the error ends the request. */
  readonly httpStatus?: number;
  /** HTTP headers of the whole response, by their names in lower case; only looked at where the error ends the request. */
  readonly httpHeaders?: ReadonlyMap<string, string>;
  /** What went wrong underneath; for the log, never for the client. */
  readonly cause?: unknown;
}

/** Errors made here, by identity: a look-alike from a library is not one made on purpose. */
const onPurpose = new WeakSet<Error>();

/**
 * Makes an error that may reach the client as it is.
 *
 * @param code a code of the table
 * @param message in words for a person, without secrets, hosts or SQL
 */
export function codedError(code: ErrorCode, message: string, options: CodedErrorOptions = {}): GraphQLError {
  const { httpStatus: status, httpHeaders: headers } = options;
  // As Apollo Server reads it.
  const http = { ...(status !== undefined && { status }), ...(headers !== undefined && { headers }) };
  const error = new GraphQLError(message, {
    path: options.path ?? null,
    originalError: options.cause instanceof Error ? options.cause : null,
    extensions: {
      ...options.extensions,
      code,
      ...(status === undefined && headers === undefined ? {} : { http }),
    },
  });
  onPurpose.add(error);
  return error;
}

/**
 * Hands on an error that a service made on purpose, under whatever code that service has for it.
 *
 * @param code the service's own; not necessarily one of the table
 */
export function relayedError(code: string, message: string, options: CodedErrorOptions = {}): GraphQLError {
  return codedError(code as ErrorCode, message, options);
}

/**
 * True for an error made by `codedError` or a factory here, also where graphql-js wrapped it to give it a path.
 * Any other error is to be masked.
 */
export function isCodedError(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = originalOf(current)) {
    if (onPurpose.has(current)) return true;
  }
  return false;
}

function originalOf(error: Error): unknown {
  return error instanceof GraphQLError ? error.originalError : undefined;
}

/** The code in an error's extensions where it is one of the table, else `INTERNAL_SERVER_ERROR`. */
export function codeOf(error: {
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}): ErrorCode {
  const code = error.extensions?.["code"];
  return isErrorCode(code) ? code : "INTERNAL_SERVER_ERROR";
}

/** The request is refused as a whole, with HTTP 401: its token is missing, invalid or expired. */
export function unauthenticated(
  message = "Sign in to do this.",
  options: CodedErrorOptions = {},
): GraphQLError {
  return codedError("UNAUTHENTICATED", message, { httpStatus: 401, ...options });
}

/** The request is refused as a whole, with HTTP 503: its token may be good, and the keys to check it cannot be read. */
export function keysUnavailable(): GraphQLError {
  return codedError("KEYS_UNAVAILABLE", "Tokens cannot be checked now. Try again later.", {
    httpStatus: 503,
    httpHeaders: new Map([["retry-after", "5"]]),
  });
}

/** The caller is known and may not do this. */
export function forbidden(message = "You may not do this.", options: CodedErrorOptions = {}): GraphQLError {
  return codedError("FORBIDDEN", message, options);
}

/** The caller may not see the field or type at `path`. */
export function unauthorizedField(path: readonly (string | number)[]): GraphQLError {
  return codedError("UNAUTHORIZED_FIELD_OR_TYPE", "You may not see this field or type.", { path });
}

/** An argument has a value that the field does not take; every fault at once. */
export function badUserInput(message: string, faults: readonly Fault[] = []): GraphQLError {
  return codedError("BAD_USER_INPUT", message, faults.length > 0 ? { extensions: { faults } } : {});
}

/** A page size outside `min`..`max`, both included. */
export function pageSizeOutOfRange(asked: number, min: number, max: number): GraphQLError {
  return codedError("PAGE_SIZE_OUT_OF_RANGE", `\`first\` must be from ${min} to ${max}; it was ${asked}.`, {
    extensions: { argument: "first", min, max },
  });
}

/** A cursor that this list did not make. */
export function invalidCursor(argument = "after"): GraphQLError {
  return codedError("INVALID_CURSOR", `\`${argument}\` is not a cursor of this list in this order.`, {
    extensions: { argument },
  });
}

/** Two currencies where one is needed. ISO 4217 codes. */
export function currencyMismatch(expected: string, actual: string): GraphQLError {
  return codedError("CURRENCY_MISMATCH", `The amount must be in ${expected}; it is in ${actual}.`, {
    extensions: { expected, actual },
  });
}

/** The body is larger than `limitBytes`. */
export function payloadTooLarge(limitBytes: number): GraphQLError {
  return codedError("PAYLOAD_TOO_LARGE", `The request's body is larger than ${limitBytes} bytes.`, {
    httpStatus: 413,
  });
}

/** When trying again is worth it for the first time, in seconds. */
const RETRY_AFTER_S = 1;

/** The service has lost its database for now, and would answer the same request with it. */
export function databaseUnavailable(): GraphQLError {
  return codedError("DATABASE_UNAVAILABLE", "The service cannot use its database now. Try again later.", {
    extensions: { retryAfter: RETRY_AFTER_S },
  });
}

/** What the client gets in place of an error that nobody made on purpose. */
export function internalServerError(
  requestId: string | undefined,
  path?: readonly (string | number)[],
): GraphQLError {
  return codedError("INTERNAL_SERVER_ERROR", "Internal server error", {
    ...(path === undefined ? {} : { path }),
    extensions: requestId === undefined ? {} : { requestId },
  });
}

/** The view that a history is read from is not there yet. */
export function historyUnavailable(): GraphQLError {
  return codedError("HISTORY_UNAVAILABLE", "The history is being put together. Try again later.", {
    extensions: { retryAfter: 5 },
  });
}

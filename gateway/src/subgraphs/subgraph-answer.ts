import type { SourceLocation } from "graphql";
import type { TransportResponse } from "@tributary/executor";
import { SubgraphError } from "./subgraph-error.ts";

/** An error in a subgraph's answer (GraphQL specification, "Errors"). */
export interface SubgraphResponseError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** In the operation that it was sent; lines and columns count from 1. */
  readonly locations?: readonly SourceLocation[];
}

/** A subgraph's answer, well formed. */
export interface SubgraphAnswer {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly SubgraphResponseError[];
}

/**
 * Reads an answer. Statuses from 400 on may carry GraphQL errors (GraphQL over HTTP, section 6.4), which count as with any
 * other; where they do not, and with 3xx, the answer is an HTTP error whatever the body says.
 *
 * @throws SubgraphError with the code of what is wrong with it
 */
export function readSubgraphAnswer({ status, headers, body }: TransportResponse): SubgraphAnswer {
  const ok = status >= 200 && status < 300;
  const httpError = (detail: string) => new SubgraphError("SUBGRAPH_HTTP_ERROR", `HTTP ${status}${detail}`);
  if (!ok && status < 400) throw httpError(redirectDetail(headers["location"]));
  const invalid = (detail: string) =>
    ok ? new SubgraphError("SUBGRAPH_INVALID_RESPONSE", detail) : httpError(`, ${detail}`);

  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw invalid("no JSON");
  }
  if (!isRecord(json)) throw invalid("no JSON object");
  const { data, errors } = json;
  if (data !== undefined && data !== null && !isRecord(data)) throw invalid("data is no object");
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) throw invalid("errors is no list");
  const list = ((errors ?? []) as unknown[]).map(readError);
  if ((!ok || data === undefined || data === null) && list.length === 0)
    throw invalid(ok ? "neither data nor errors" : "no errors");
  return { data: data ?? null, errors: list };
}

/** Says in the log what to do about a redirect: not with what may be secret in its URL. */
function redirectDetail(location: string | undefined): string {
  if (location === undefined) return "";
  const url = URL.parse(location);
  const place = url === null ? "a path" : `${url.origin}${url.pathname}`;
  return `: a redirect to ${place}, which the gateway does not follow; the supergraph is to have the service's own URL`;
}

function readError(error: unknown): SubgraphResponseError {
  const { message, path, extensions, locations } = isRecord(error) ? error : {};
  return {
    message: typeof message === "string" ? message : "",
    ...(isPath(path) ? { path } : {}),
    ...(isRecord(extensions) ? { extensions } : {}),
    ...(isLocations(locations) ? { locations } : {}),
  };
}

function isPath(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string" || typeof part === "number");
}

function isLocations(value: unknown): value is readonly SourceLocation[] {
  const isPosition = (number: unknown) => Number.isInteger(number) && Number(number) >= 1;
  return (
    Array.isArray(value) &&
    value.every((each) => isRecord(each) && isPosition(each["line"]) && isPosition(each["column"]))
  );
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

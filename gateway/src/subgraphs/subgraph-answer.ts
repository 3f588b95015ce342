import type { TransportResponse } from "@tributary/executor";
import { SubgraphError } from "./subgraph-error.ts";

/** An error in a subgraph's answer (GraphQL specification, "Errors"). */
export interface SubgraphResponseError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A subgraph's answer, well formed. */
export interface SubgraphAnswer {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly SubgraphResponseError[];
}

/**
 * Reads an answer. Statuses from 400 to 499 may carry GraphQL errors (GraphQL over HTTP, section 6.4); any other
 * status but 2xx is an HTTP error whatever the body says, and so is 401, which speaks of the gateway's own token.
 *
 * @throws SubgraphError with the code of what is wrong with it
 */
export function readSubgraphAnswer({ status, body }: TransportResponse): SubgraphAnswer {
  const ok = status >= 200 && status < 300;
  const httpError = (detail: string) => new SubgraphError("SUBGRAPH_HTTP_ERROR", `HTTP ${status}${detail}`);
  if (!ok && (status < 400 || status >= 500 || status === 401 || status === 403)) throw httpError("");
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
  if ((data === undefined || data === null) && list.length === 0) throw invalid("neither data nor errors");
  return { data: data ?? null, errors: list };
}

function readError(error: unknown): SubgraphResponseError {
  const { message, path, extensions } = isRecord(error) ? error : {};
  return {
    message: typeof message === "string" ? message : "",
    ...(isPath(path) ? { path } : {}),
    ...(isRecord(extensions) ? { extensions } : {}),
  };
}

function isPath(value: unknown): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string" || typeof part === "number");
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

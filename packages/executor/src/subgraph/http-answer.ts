import type { GatewayGraphQLResponse } from "@apollo/server-gateway-interface";
import { GraphQLError, type GraphQLErrorExtensions } from "graphql";
import type { TransportResponse } from "../transport/transport.ts";

/**
 * Reads an answer over HTTP as Apollo's RemoteGraphQLDataSource does.
 *
 * @param asked the subgraph's URL, for what is said where the answer does not tell where it comes from
 * @throws GraphQLError for a status outside of 200 to 299, with the answer in its extensions
 * @throws Error where the body is no JSON object
 */
export function readHttpAnswer(asked: string, response: TransportResponse): GatewayGraphQLResponse {
  const url = response.url ?? asked;
  const body = parseBody(url, response);
  if (response.status < 200 || response.status > 299) throw statusError(url, response, body);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Error(`Expected JSON response body, but received: ${String(body)}`);
  }
  return body;
}

function parseBody(url: string, { headers, body }: TransportResponse): unknown {
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("application/json") && !type.startsWith("application/graphql-response+json"))
    return body;
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    throw new Error(`invalid json response body at ${url} reason: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function statusError(url: string, { status, statusText }: TransportResponse, body: unknown): GraphQLError {
  const extensions: GraphQLErrorExtensions = { response: { url, status, statusText, body } };
  if (status === 401) extensions.code = "UNAUTHENTICATED";
  if (status === 403) extensions.code = "FORBIDDEN";
  return new GraphQLError(`${status}: ${statusText}`, { extensions });
}

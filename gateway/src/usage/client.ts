import type { IncomingHttpHeaders } from "node:http";

/** Who sent an operation, as far as the request tells. */
export interface Client {
  readonly name: string | null;
  readonly version: string | null;
}

const longest = 100;

/** Reads the headers that Apollo's clients, and others like them, name themselves in. */
export function clientOf(headers: IncomingHttpHeaders): Client {
  return {
    name: read(headers["apollographql-client-name"]) ?? read(headers["graphql-client-name"]),
    version: read(headers["apollographql-client-version"]) ?? read(headers["graphql-client-version"]),
  };
}

function read(value: string | readonly string[] | undefined): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, longest) : null;
}

import type { IncomingHttpHeaders } from "node:http";

/** Who sent an operation, as far as the request tells. */
export interface Client {
  readonly name: string | null;
  readonly version: string | null;
}

const longest = 100;
const names = ["apollographql-client", "graphql-client"];

/** Reads the headers that Apollo's clients, and others like them, name themselves in. */
export function clientOf(headers: IncomingHttpHeaders): Client {
  const read = (part: "name" | "version"): string | null => {
    for (const name of names) {
      const value = headers[`${name}-${part}`];
      if (typeof value === "string" && value !== "") return value.slice(0, longest);
    }
    return null;
  };
  return { name: read("name"), version: read("version") };
}

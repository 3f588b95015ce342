import { readFileSync } from "node:fs";

/** The SDL of a subgraph of this folder. */
export function schemaText(name: string): string {
  return readFileSync(new URL(`${name}.graphql`, import.meta.url), "utf8");
}

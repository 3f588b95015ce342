import { plural } from "../result/plural.ts";
import type { ParsedSubgraph } from "./parse-subgraphs.ts";

/** From here on a type's size is worth a word: the composer looks at each of its fields once for each of them. */
const large = 5_000;

/** How much there is to compose, and the largest type where it is what takes long: a clause. */
export function sizeText(subgraphs: readonly ParsedSubgraph[]): string {
  const text = plural(subgraphs.length, "subgraph");
  let largest = { fields: 0, at: "" };
  for (const { document } of subgraphs) {
    for (const definition of document.definitions) {
      const fields = "fields" in definition ? (definition.fields?.length ?? 0) : 0;
      if (fields <= largest.fields || !("name" in definition)) continue;
      const { source, startToken } = definition.loc ?? {};
      const name = definition.name?.value ?? "";
      largest = { fields, at: `${name} (${source?.name ?? ""}:${startToken?.line ?? 1})` };
    }
  }
  if (largest.fields < large) return text;
  return `${text} (of which ${largest.at} has ${largest.fields} fields: the time grows with their square, so split it)`;
}

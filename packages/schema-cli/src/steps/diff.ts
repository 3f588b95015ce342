import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { changeFinding } from "../result/change-finding.ts";
import type { Finding, Place } from "../result/finding.ts";
import { changesBetween } from "../schema/changes.ts";
import { type SchemaChange, classify, rootOf } from "../schema/classify.ts";
import { describe, resolveCoordinate } from "../schema/coordinate.ts";
import { createAttribution } from "../schema/places.ts";
import type { Step } from "./step.ts";

/** Compares what clients see before and after. */
export const diffStep: Step = {
  name: "diff",
  async run({ base, head }) {
    const locate = createAttribution(base.subgraphs, head.subgraphs);
    return { findings: await diffSchemas(base.api, head.api, locate) };
  },
};

/**
 * Findings for all that changed between two API schemas.
 *
 * @param locate where the subgraphs define a coordinate
 */
export async function diffSchemas(
  base: GraphQLSchema,
  head: GraphQLSchema,
  locate: (coordinate: string) => Place[] = () => [],
): Promise<Finding[]> {
  const findings = (await changesBetween(base, head)).map((change) => {
    const { code, coordinate } = change;
    const [before, after] = texts(change, base, head);
    return changeFinding({
      code,
      coordinate,
      before,
      after,
      kind: classify(change, base, head),
      message: sentence(coordinate, before, after),
      places: locate(coordinate),
    });
  });
  if (findings.length > 0 || base === head) return findings;
  // A change that the comparison has no name for must not pass for none.
  if (printSchema(lexicographicSortSchema(base)) === printSchema(lexicographicSortSchema(head))) return [];
  return [
    changeFinding({
      code: "UNNAMED_CHANGE",
      coordinate: "schema",
      before: null,
      after: null,
      kind: "dangerous",
      message: "The schema changed in a way that could not be named.",
      places: [],
    }),
  ];
}

/** What stood there before and what does after; null for nothing. */
function texts(
  { code, coordinate, item }: SchemaChange,
  base: GraphQLSchema,
  head: GraphQLSchema,
): [before: string | null, after: string | null] {
  if (code.startsWith("SCHEMA_")) return [rootOf(base, code), rootOf(head, code)];
  if (item !== null && code.endsWith("_ADDED")) return [null, item];
  if (item !== null && code.endsWith("_REMOVED")) return [item, null];
  const [before, after] = [resolveCoordinate(base, coordinate), resolveCoordinate(head, coordinate)];
  if (code === "DESCRIPTION_CHANGED") {
    return [before?.element.description ?? null, after?.element.description ?? null];
  }
  return [before === null ? null : describe(before), after === null ? null : describe(after)];
}

function sentence(coordinate: string, before: string | null, after: string | null): string {
  if (before === null) return `${coordinate}: added \`${after ?? ""}\`.`;
  if (after === null) return `${coordinate}: removed \`${before}\`.`;
  return `${coordinate}: changed from \`${before}\` to \`${after}\`.`;
}

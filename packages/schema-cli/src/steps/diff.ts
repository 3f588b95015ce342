import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { causeOf, changeFinding } from "../result/change-finding.ts";
import type { Change } from "../result/change-id.ts";
import type { Finding, Place } from "../result/finding.ts";
import { changesBetween } from "../schema/changes.ts";
import { type SchemaChange, classify, rootOf } from "../schema/classify.ts";
import { describe, resolveCoordinate } from "../schema/coordinate.ts";
import { impliedRemovals } from "../schema/implied.ts";
import { followInterfaces } from "../schema/inherited.ts";
import { createAttribution } from "../schema/places.ts";
import type { Step, StepContext } from "./step.ts";

/** Compares what clients see before and after. */
export const diffStep: Step = {
  name: "diff",
  run: async (context) => ({ findings: await findChanges(context) }),
};

/** What changed between two states for clients, with places, and with what follows from what. */
export async function findChanges({ base, head }: Pick<StepContext, "base" | "head">): Promise<Finding[]> {
  const attribution = createAttribution(base.subgraphs, head.subgraphs);
  return followInterfaces(await diffSchemas(base.api, head.api, attribution.locate), attribution);
}

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
  const changes = await changesBetween(base, head);
  const implied = impliedRemovals(changes, base, head);
  const nameOf = (change: SchemaChange): Change => {
    const [before, after] = texts(change, base, head);
    return { code: change.code, coordinate: change.coordinate, before, after };
  };
  const findings = changes.map((change) => {
    const named = nameOf(change);
    const { code, coordinate } = change;
    const causes = code === "TYPE_REMOVED" ? implied.get(coordinate) : undefined;
    return changeFinding({
      ...named,
      kind: classify(change, base, head),
      message: sentence(coordinate, named.before, named.after),
      places: locate(coordinate),
      causes: causes?.map((each) => causeOf(nameOf(each))) ?? [],
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

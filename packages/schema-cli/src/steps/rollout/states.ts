import { print } from "graphql";
import { errorsOf } from "../../operations/validation.ts";
import type { Finding } from "../../result/finding.ts";
import { composeApi } from "../compose.ts";
import { type ParsedSubgraph, sameFiles } from "../parse-subgraphs.ts";
import type { StepContext } from "../step.ts";
import { findGaps } from "./meanwhile.ts";
import type { Look } from "./search.ts";

/** The subgraphs that the head adds, removes or changes in more than white space and comments. */
export function changedSubgraphs({ base, head }: StepContext): string[] {
  const text = (subgraph: ParsedSubgraph | undefined) => subgraph && print(subgraph.document);
  const names = new Set([...head.subgraphs, ...base.subgraphs].map(({ name }) => name));
  return [...names].filter((name) => {
    const before = base.subgraphs.find((each) => each.name === name);
    const after = head.subgraphs.find((each) => each.name === name);
    return !sameFiles(before, after) && text(before) !== text(after);
  });
}

/**
 * Makes what looks at the state in which some of the changed subgraphs are the head's and the others still the base's:
 * whether it composes, and whether what works before and after works in it, too.
 */
export function createLook(context: StepContext, changed: readonly string[]): Look<Finding> {
  const { base, head, operations } = context;
  const lasting = operations.filter(
    ({ document }) => errorsOf(base.api, document).length === 0 && errorsOf(head.api, document).length === 0,
  );
  const isOld = (name: string, deployed: ReadonlySet<string>) =>
    changed.includes(name) && !deployed.has(name);

  return (deployed) => {
    const subgraphs = [
      ...head.subgraphs.filter(({ name }) => !isOld(name, deployed)),
      ...base.subgraphs.filter(({ name }) => isOld(name, deployed)),
    ];
    const { api: between, findings } = composeApi(subgraphs);
    if (between === null) return findings;
    const broken = lasting.flatMap((operation): Finding[] => {
      const [error] = errorsOf(between, operation.document);
      if (error === undefined) return [];
      return [
        {
          severity: "error",
          code: "OPERATION_BROKEN",
          message: `Operation ${operation.name} would fail for a while: ${error.message}`,
          places: [operation.place],
          operations: [{ name: operation.name, place: operation.place, verdict: "broken" }],
        },
      ];
    });
    const gaps = findGaps({ base: base.api, head: head.api, between }).map(
      ({ coordinate, message }): Finding => ({
        severity: "error",
        code: "FIELD_BROKEN",
        coordinate,
        message,
        places: [],
      }),
    );
    return [...gaps, ...broken];
  };
}

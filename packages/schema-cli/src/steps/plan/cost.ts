import { buildASTSchema, parse } from "graphql";
import { changeFinding } from "../../result/change-finding.ts";
import { mergeChanges } from "../../result/merge-changes.ts";
import type { Step, StepOutput } from "../step.ts";
import { costDirectives } from "./cost-directives.ts";
import { estimateCost } from "./estimate.ts";
import { comparable, nothingToCompare } from "./plan.ts";

/** Estimates each known operation's cost against base and head, and finds those that cost more than the threshold lets them. */
export const costStep: Step = {
  name: "cost",
  run(context): StepOutput {
    const nothing = nothingToCompare(context);
    if (nothing !== null) return nothing;
    const operations = comparable(context);
    const costIn = (supergraph: string) => {
      // The composer made it, so it is valid.
      const document = parse(supergraph, { noLocation: true });
      const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
      const directives = costDirectives(document);
      return operations.map((operation) => estimateCost(operation, schema, directives));
    };
    const before = costIn(context.base.supergraph);
    const after = costIn(context.head.supergraph);
    const findings = operations.flatMap(({ name, place }, index) => {
      const [old = 0, now = 0] = [before[index], after[index]];
      if (now <= old * context.thresholds.cost.factor) return [];
      return changeFinding({
        code: "COST_WORSE",
        step: "cost",
        coordinate: null,
        before: `${name}: ${old}`,
        after: `${name}: ${now}`,
        kind: "dangerous",
        // A threshold is set to fail what is beyond it.
        severity: "error",
        message: `${name} is estimated to cost ${now}, up from ${old}.`,
        places: [place],
        advice:
          "bound the lists that it now asks for (@listSize, a page size); raise the threshold, or approve it, if it is worth it",
      });
    });
    return { findings: mergeChanges(findings, (count) => `${count} operations are estimated to cost more`) };
  },
};

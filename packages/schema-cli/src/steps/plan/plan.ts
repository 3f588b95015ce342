import { errorsOf } from "../../operations/validation.ts";
import { changeFinding } from "../../result/change-finding.ts";
import type { Finding } from "../../result/finding.ts";
import { mergeChanges } from "../../result/merge-changes.ts";
import { plural } from "../../result/plural.ts";
import type { KnownOperation, Step, StepContext, StepOutput } from "../step.ts";
import type { PlanMetrics } from "./metrics.ts";

/** The known operations that run before and after; with the others there is nothing to compare. */
export function comparable({ base, head, operations }: StepContext): KnownOperation[] {
  return operations.filter(
    ({ document }) => errorsOf(base.api, document).length === 0 && errorsOf(head.api, document).length === 0,
  );
}

/** Why there is nothing to compare; null where there is. */
export function nothingToCompare({ base, head, operations }: StepContext): StepOutput | null {
  if (operations.length === 0) {
    return { findings: [], outcome: "skipped", reason: "the configuration names no operations" };
  }
  if (base.supergraph === head.supergraph) {
    return { findings: [], outcome: "skipped", reason: "the supergraph is what it was" };
  }
  return null;
}

/** Plans each known operation against base and head, and finds those whose plans get worse than the thresholds let them. */
export const planStep: Step = {
  name: "plan",
  async run(context): Promise<StepOutput> {
    const nothing = nothingToCompare(context);
    if (nothing !== null) return nothing;
    // Loaded here: most changes that are checked on the way to a commit leave the supergraph as it is.
    const { createPlanner } = await import("./planner.ts");
    // A planner is as large as what it plans for: there is one at a time.
    const plan = (supergraph: string, operations: KnownOperation[]) => {
      const planner = createPlanner(supergraph);
      return new Map(operations.map((operation) => [operation, planner(operation)]));
    };
    const operations = comparable(context);
    const before = plan(context.base.supergraph, operations);
    const after = plan(context.head.supergraph, operations);
    const findings = operations.flatMap((operation) => {
      const [old, now] = [before.get(operation), after.get(operation)];
      // What could not be planned before is no worse now.
      if (old === undefined || now === undefined || typeof old === "string") return [];
      return compare(operation, old, now, context.thresholds.plan) ?? [];
    });
    const [failed, worse] = ["PLAN_FAILED", "PLAN_WORSE"].map((code) =>
      findings.filter((each) => each.code === code),
    );
    return {
      findings: [
        ...mergeChanges(failed ?? [], (count) => `${count} operations cannot be planned any more`),
        ...mergeChanges(worse ?? [], (count) => `${count} operations are planned worse than before`),
      ],
    };
  },
};

// oxlint-disable-next-line max-params -- before and after
function compare(
  { name, place }: KnownOperation,
  before: PlanMetrics,
  after: PlanMetrics | string,
  thresholds: PlanMetrics,
): Finding | null {
  const change = {
    coordinate: null,
    before: `${name}: ${describe(before)}`,
    places: [place],
    step: "plan" as const,
  };
  if (typeof after === "string") {
    const message = `${name} cannot be planned any more: ${after}`;
    return changeFinding({ ...change, code: "PLAN_FAILED", after, kind: "breaking", message });
  }
  const worse = (["fetches", "depth", "sequential"] as const).filter(
    (metric) => after[metric] > before[metric] + thresholds[metric],
  );
  if (worse.length === 0) return null;
  return changeFinding({
    ...change,
    code: "PLAN_WORSE",
    after: `${name}: ${describe(after)}`,
    kind: "dangerous",
    // A threshold is set to fail what is beyond it.
    severity: "error",
    message: `${name} is planned worse than before (${worse.join(", ")}): ${describe(before)} before, ${describe(after)} now.`,
    advice:
      "look at which field its plan now needs another subgraph for; raise the threshold, or approve it, if it is worth it",
  });
}

function describe({ fetches, depth, sequential }: PlanMetrics): string {
  const times = fetches === 1 ? "1 fetch" : `${fetches} fetches`;
  return `${times}, ${plural(sequential, "step")} in sequence, entities ${plural(depth, "field")} deep`;
}

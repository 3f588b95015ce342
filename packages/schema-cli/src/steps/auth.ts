import { changeFinding } from "../result/change-finding.ts";
import type { Finding, Place } from "../result/finding.ts";
import { type Demand, both, demandText, canDemand, implies, nothing, readDemands } from "../schema/demand.ts";
import { followInterfaces } from "../schema/inherited.ts";
import { createAttribution } from "../schema/places.ts";
import type { Step, StepContext } from "./step.ts";

/** Compares what a caller must have before and after; none of that shows in an API schema. */
export const authStep: Step = {
  name: "auth",
  run: (context) => ({ findings: findDemandChanges(context) }),
};

/** What callers must have between two states, with places, and with what follows from what. */
export function findDemandChanges({ base, head }: Pick<StepContext, "base" | "head">): Finding[] {
  const attribution = createAttribution(base.subgraphs, head.subgraphs);
  return followInterfaces(compareDemands(base.supergraph, head.supergraph, attribution.locate), attribution);
}

/**
 * Findings for every type and field of both supergraphs that demands something else than before: what is tighter breaks
 * whoever no longer may; what is looser needs an approval. A field's demand is its own and its type's, so that moving it
 * from the one to the other is no change of the field.
 */
export function compareDemands(
  base: string,
  head: string,
  locate: (coordinate: string) => Place[] = () => [],
): Finding[] {
  if (!canDemand(base) && !canDemand(head)) return [];
  const [before, after] = [readDemands(base), readDemands(head)];
  const findings: Finding[] = [];
  for (const [coordinate, own] of after) {
    const was = before.get(coordinate);
    if (was === undefined || same(was, own)) continue;
    const [owner] = coordinate.split(".");
    const whole = (demands: typeof before, demand: Demand) =>
      owner === undefined || owner === coordinate ? demand : both(demands.get(owner) ?? nothing, demand);
    const [old, now] = [whole(before, was), whole(after, own)];
    if (same(old, now)) continue;
    findings.push(finding(coordinate, [old, now], locate(coordinate)));
  }
  return findings;
}

function finding(coordinate: string, [old, now]: [Demand, Demand], places: Place[]): Finding {
  const tighter = !implies(old, now);
  const looser = !implies(now, old);
  const [before, after] = [demandText(old), demandText(now)];
  const how = tighter ? (looser ? "something else" : "more") : "less";
  return changeFinding({
    code: tighter ? "AUTH_TIGHTENED" : "AUTH_LOOSENED",
    coordinate,
    before,
    after,
    kind: tighter ? "breaking" : "dangerous",
    severity: "error",
    message: `${coordinate} demands ${how}: ${after} (before: ${before}).`,
    places,
    advice: tighter
      ? "see to it that all callers have what is demanded, then approve the change"
      : "have somebody approve it who may say who sees this",
  });
}

function same(first: Demand, second: Demand): boolean {
  return implies(first, second) && implies(second, first);
}

import { changeFinding } from "../../result/change-finding.ts";
import type { Finding } from "../../result/finding.ts";
import { mainFile } from "../parse-subgraphs.ts";
import type { Step, StepContext, StepOutput } from "../step.ts";
import { movedFields } from "./moved-fields.ts";
import { type Blocked, type SearchResult, searchOrder } from "./search.ts";
import { changedSubgraphs, createLook } from "./states.ts";

/** Every one is composed: of ours it takes 50 ms, of a large supergraph seconds. */
const limit = 200;

/**
 * Subgraphs are deployed one at a time: finds an order in which no supergraph between the base and the head breaks
 * composition, a known operation or a field, or says which subgraphs stand in each other's way.
 */
export const rolloutStep: Step = {
  name: "rollout",
  run(context): StepOutput {
    const changed = changedSubgraphs(context);
    if (changed.length === 0) return { findings: [], outcome: "skipped", reason: "no subgraph changed" };
    if (changed.length === 1) {
      return { findings: [], outcome: "skipped", reason: `${changed[0]} is the only subgraph that changed` };
    }
    const result = searchOrder({ changes: changed, look: createLook(context, changed), limit });
    if (result.kind === "gave up") {
      const reason = `no order was found for ${changed.length} changed subgraphs in ${result.looked} supergraphs; change fewer at a time`;
      return { findings: [], outcome: "unchecked", reason };
    }
    if (result.kind === "order") return { findings: [orderFinding(result, context)] };
    const { subgraphs } = context;
    const concerned = subgraphs === null || result.together.some((name) => subgraphs.has(name));
    return { findings: concerned ? [conflictFinding(result, context)] : [] };
  },
};

type Order = Extract<SearchResult<Finding>, { kind: "order" }>;
type Conflict = Extract<SearchResult<Finding>, { kind: "conflict" }>;

function orderFinding({ order, blocked }: Order, context: StepContext): Finding {
  return {
    severity: "hint",
    code: "ROLLOUT_ORDER",
    step: "rollout",
    message: [`Deploy in this order: ${order.join(", ")}.`, ...blocked.map(notNow)].join("\n"),
    places: placesOf(order, context),
  };
}

function conflictFinding({ deployed, blocked, together }: Conflict, context: StepContext): Finding {
  const first = deployed.length === 0 ? "" : ` after ${deployed.join(", ")}`;
  const those = blocked.filter(({ change }) => together.includes(change));
  return changeFinding({
    code: "ROLLOUT_CONFLICT",
    kind: "breaking",
    step: "rollout",
    coordinate: [...together].sort().join(" + "),
    before: null,
    after: those.map(notNow).join("\n"),
    message: [
      `${together.join(" and ")} cannot be deployed one at a time${first}: each needs the other to be there first.`,
      ...those.map(notNow),
    ].join("\n"),
    places: [
      ...placesOf(together, context),
      ...those.flatMap(({ reasons }) => reasons[0]?.places.slice(0, 3) ?? []),
    ],
    advice: advice(together, context),
  });
}

function notNow({ change, reasons }: Blocked<Finding>): string {
  const [first, ...others] = reasons;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const [line = ""] = (first?.message ?? "").split("\n");
  return `Not ${change} first: ${first?.code}: ${line}${more}`;
}

function advice(names: string[], context: StepContext): string {
  const moves = movedFields(context, names);
  if (moves.length === 0) {
    return "Make it two changes: one that only adds what works with the others as they are, then, when it is deployed, one with the rest.";
  }
  return moves
    .map(({ from, to, coordinates }) => {
      const fields = coordinates.join(", ");
      return `Make it two changes: first add ${fields} to ${to} with @override(from: "${from}") and leave ${from} as it is; when that is deployed, remove ${coordinates.length === 1 ? "it" : "them"} from ${from}.`;
    })
    .join(" ");
}

function placesOf(names: readonly string[], { base, head }: StepContext): Finding["places"] {
  return names.flatMap((name) => {
    const subgraph = head.subgraphs.find((each) => each.name === name);
    if (subgraph !== undefined) return [{ subgraph: name, file: mainFile(subgraph) }];
    const gone = base.subgraphs.find((each) => each.name === name);
    return gone === undefined ? [] : [{ subgraph: name, file: mainFile(gone), side: "base" as const }];
  });
}

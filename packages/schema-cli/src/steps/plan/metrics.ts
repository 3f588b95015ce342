import type { FetchNode, PlanNode, QueryPlan } from "@apollo/query-planner";

/** How much work a query plan is. */
export interface PlanMetrics {
  /** Requests to subgraphs; of the branches of a condition, those of the larger one. */
  fetches: number;
  /** How deep in the answer, in fields, the deepest entity is that has to be fetched; 0 where all comes from the roots. */
  depth: number;
  /** How many requests wait for one another at most: the longest chain. */
  sequential: number;
}

const nothing: PlanMetrics = { fetches: 0, depth: 0, sequential: 0 };

/** Measures a plan of Apollo's planner. */
export function measurePlan({ node }: QueryPlan): PlanMetrics {
  if (node === undefined) return nothing;
  if (node.kind !== "Subscription") return measure(node);
  return inSequence([measure(node.primary), measure(node.rest)]);
}

function measure(node: PlanNode | FetchNode | undefined): PlanMetrics {
  if (node === undefined) return nothing;
  switch (node.kind) {
    case "Fetch":
      return { fetches: 1, depth: 0, sequential: 1 };
    case "Sequence":
      return inSequence(node.nodes.map(measure));
    case "Parallel":
      return atOnce(node.nodes.map(measure));
    case "Flatten": {
      const inner = measure(node.node);
      // `@` stands for the items of a list, and `|[A,B]` after a field for types.
      const fields = node.path.filter((part) => !String(part).startsWith("@")).length;
      return { ...inner, depth: Math.max(fields, inner.depth) };
    }
    case "Condition": {
      const branches = [measure(node.ifClause), measure(node.elseClause)];
      return { ...atOnce(branches), fetches: Math.max(...branches.map(({ fetches }) => fetches)) };
    }
    case "Defer":
      return inSequence([
        measure(node.primary.node),
        atOnce(node.deferred.map((deferred) => measure(deferred.node))),
      ]);
  }
}

function inSequence(parts: PlanMetrics[]): PlanMetrics {
  return { ...atOnce(parts), sequential: parts.reduce((sum, { sequential }) => sum + sequential, 0) };
}

function atOnce(parts: PlanMetrics[]): PlanMetrics {
  return {
    fetches: parts.reduce((sum, { fetches }) => sum + fetches, 0),
    depth: Math.max(0, ...parts.map(({ depth }) => depth)),
    sequential: Math.max(0, ...parts.map(({ sequential }) => sequential)),
  };
}

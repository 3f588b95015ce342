import type { FetchNode, PlanNode, QueryPlan } from "@apollo/query-planner";

/** Replaces the fetches of a plan. A plan in which nothing is replaced is the same one. */
export function mapFetches(
  plan: QueryPlan,
  replace: (fetch: FetchNode, place: readonly string[]) => PlanNode,
): QueryPlan {
  const { node } = plan;
  if (node === undefined || node.kind === "Subscription") return plan;
  const replaced = mapNode(node, [], replace);
  return replaced === node ? plan : { ...plan, node: replaced };
}

function mapNode(
  node: PlanNode,
  place: readonly string[],
  replace: (fetch: FetchNode, place: readonly string[]) => PlanNode,
): PlanNode {
  switch (node.kind) {
    case "Fetch":
      return replace(node, place);
    case "Sequence":
    case "Parallel": {
      const nodes = node.nodes.map((each) => mapNode(each, place, replace));
      return nodes.every((each, index) => each === node.nodes[index]) ? node : { ...node, nodes };
    }
    case "Flatten": {
      const inner = mapNode(node.node, [...place, ...namesOf(node.path)], replace);
      if (inner === node.node) return node;
      if (inner.kind !== "Parallel") return { ...node, node: inner };
      return { ...inner, nodes: inner.nodes.map((each) => ({ ...node, node: each })) };
    }
    case "Condition": {
      const [ifClause, elseClause] = [node.ifClause, node.elseClause].map((each) =>
        each === undefined ? undefined : mapNode(each, place, replace),
      );
      if (ifClause === node.ifClause && elseClause === node.elseClause) return node;
      const clauses = {
        ...(ifClause === undefined ? {} : { ifClause }),
        ...(elseClause === undefined ? {} : { elseClause }),
      };
      return { kind: "Condition", condition: node.condition, ...clauses };
    }
    case "Defer":
      return node;
  }
}

/** The response names in a path of a plan, without the marks of lists and of type conditions. */
export function namesOf(path: readonly (string | number)[]): string[] {
  return path.map((step) => String(step).replace(/\|\[.*$/, "")).filter((step) => step !== "@");
}

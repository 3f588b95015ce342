import type { GatewayConfig } from "@apollo/gateway";

type QueryPlan = Parameters<NonNullable<GatewayConfig["experimental_didResolveQueryPlan"]>>[0]["queryPlan"];

/** A fetch in a query plan. */
export interface PlannedFetch {
  readonly service: string;
  /** Keys, with @ for every item of a list. */
  readonly path: readonly string[];
  readonly operation: string;
  /** The keys that objects must have for the fetch to be made; none for a fetch of root fields. */
  readonly requiredKeys: readonly string[];
  /** The types that it is made for; none for a fetch of root fields. */
  readonly requiredTypes: readonly string[];
}

type PlanNode = NonNullable<QueryPlan["node"]>;

/** All fetches in a plan, wherever in it they are. */
export function plannedFetchesOf(plan: QueryPlan | undefined): readonly PlannedFetch[] {
  return plan?.node === undefined ? [] : fetchesIn(plan.node, []);
}

function fetchesIn(node: PlanNode, path: readonly string[]): readonly PlannedFetch[] {
  switch (node.kind) {
    case "Sequence":
    case "Parallel":
      return node.nodes.flatMap((each) => fetchesIn(each, path));
    case "Flatten":
      return fetchesIn(node.node, [...path, ...node.path.map(String)]);
    case "Condition":
      return [node.ifClause, node.elseClause].flatMap((each) =>
        each === undefined ? [] : fetchesIn(each, path),
      );
    case "Fetch": {
      const { requires = [], operation, serviceName: service } = node;
      const types = requires.flatMap((each) => ("typeCondition" in each ? [each.typeCondition ?? ""] : []));
      const keys = requires.flatMap((each) =>
        "typeCondition" in each || each.kind === "InlineFragment"
          ? each.selections.flatMap((inner) => (inner.kind === "Field" ? [inner.alias ?? inner.name] : []))
          : [each.alias ?? each.name],
      );
      return [{ service, path, operation, requiredKeys: keys, requiredTypes: types }];
    }
    default:
      return [];
  }
}

import type { GatewayConfig } from "@apollo/gateway";

type QueryPlan = Parameters<NonNullable<GatewayConfig["experimental_didResolveQueryPlan"]>>[0]["queryPlan"];

/** A fetch of entities in a query plan. */
export interface PlannedFetch {
  /** Keys, with @ for every item of a list. */
  readonly path: readonly (string | number)[];
  readonly operation: string;
  /** The keys that objects must have for the fetch to be made. */
  readonly requiredKeys: readonly string[];
  /** The types that it is made for. */
  readonly requiredTypes: readonly string[];
}

type PlanNode = NonNullable<QueryPlan["node"]>;

/** All fetches of entities in a plan, wherever in it they are. */
export function plannedFetchesOf(plan: QueryPlan | undefined): readonly PlannedFetch[] {
  return plan?.node === undefined ? [] : fetchesIn(plan.node, []);
}

function fetchesIn(node: PlanNode, path: readonly (string | number)[]): PlannedFetch[] {
  switch (node.kind) {
    case "Sequence":
    case "Parallel":
      return node.nodes.flatMap((each) => fetchesIn(each, path));
    case "Flatten":
      return fetchesIn(node.node, [...path, ...node.path]);
    case "Condition":
      return [node.ifClause, node.elseClause].flatMap((each) =>
        each === undefined ? [] : fetchesIn(each, path),
      );
    case "Fetch": {
      if (node.requires === undefined) return [];
      const types = node.requires.flatMap((each) =>
        "typeCondition" in each ? [each.typeCondition ?? ""] : [],
      );
      const keys = node.requires.flatMap((each) =>
        "typeCondition" in each || each.kind === "InlineFragment"
          ? each.selections.flatMap((inner) => (inner.kind === "Field" ? [inner.alias ?? inner.name] : []))
          : [each.alias ?? each.name],
      );
      return [{ path, operation: node.operation, requiredKeys: keys, requiredTypes: types }];
    }
    default:
      return [];
  }
}

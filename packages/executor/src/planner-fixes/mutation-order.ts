import type { PlanNode, QueryPlan } from "@apollo/query-planner";
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { type Fragments, fragmentsOf } from "../compile/plain-mutations.ts";
import { namesOf } from "./plan-nodes.ts";

/**
 * Divides a mutation into those that have to be planned apart, in their order.
 *
 * The fields of a mutation are done one after the other, each with all that is below it (GraphQL, section 6.2.2). The
 * planner asks a subgraph for several fields at once, and for what others know of them after that; so a field that needs
 * others for what is below has to be the last one of its plan.
 *
 * @param plan that of the whole document
 * @returns the document alone where its plan is right
 */
export function mutationParts(
  document: DocumentNode,
  operationName: string | null,
  plan: QueryPlan,
): readonly DocumentNode[] {
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const operation =
    operations.length === 1 ? operations[0] : operations.find(({ name }) => name?.value === operationName);
  if (operation?.operation !== OperationTypeNode.MUTATION || plan.node === undefined) return [document];
  const { selections } = operation.selectionSet;
  if (selections.length < 2 || plan.node.kind === "Subscription") return [document];
  const followed = followedNames(plan.node);
  const fragments = fragmentsOf(document);
  const parts: SelectionNode[][] = [[]];
  selections.forEach((selection, index) => {
    parts.at(-1)?.push(selection);
    const isFollowed = responseNames([selection], fragments).some((name) => followed.has(name));
    if (isFollowed && index < selections.length - 1) parts.push([]);
  });
  return parts.length === 1 ? [document] : parts.map((part) => withSelections(document, operation, part));
}

/** Joins the plans of a mutation's parts. */
export function inSequence(plans: readonly QueryPlan[]): QueryPlan {
  const nodes = plans.flatMap(({ node }): PlanNode[] =>
    node === undefined || node.kind === "Subscription" ? [] : [node],
  );
  return { kind: "QueryPlan", node: { kind: "Sequence", nodes } };
}

/** Response names of the root below which something is fetched. */
function followedNames(node: PlanNode, names = new Set<string>()): ReadonlySet<string> {
  if (node.kind === "Flatten") {
    const [first] = namesOf(node.path);
    if (first !== undefined) names.add(first);
  } else if (node.kind === "Sequence" || node.kind === "Parallel") {
    for (const each of node.nodes) followedNames(each, names);
  } else if (node.kind === "Condition") {
    for (const each of [node.ifClause, node.elseClause]) if (each !== undefined) followedNames(each, names);
  }
  return names;
}

/** Each fragment is looked into once, however often it is there. */
function responseNames(
  selections: SelectionSetNode["selections"],
  fragments: Fragments,
  seen = new Set<string>(),
): string[] {
  return selections.flatMap((selection): string[] => {
    if (selection.kind === Kind.FIELD) return [(selection.alias ?? selection.name).value];
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return responseNames(selection.selectionSet.selections, fragments, seen);
    const fragment = fragments.get(selection.name.value);
    if (fragment === undefined || seen.has(selection.name.value)) return [];
    seen.add(selection.name.value);
    return responseNames(fragment.selectionSet.selections, fragments, seen);
  });
}

function withSelections(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
): DocumentNode {
  const part = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  return { ...document, definitions: document.definitions.map((each) => (each === operation ? part : each)) };
}

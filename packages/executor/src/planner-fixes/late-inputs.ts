import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { Kind, type SelectionSetNode } from "graphql";
import { PlanningError } from "../planning/planning-error.ts";
import { type FetchDocument, mergedName, readFetch } from "./fetch-document.ts";
import { mapFetches, namesOf } from "./plan-nodes.ts";

/** Response names with their places, as `a.b.name`. */
type Names = Set<string>;

/** What is there in a branch of a plan. */
interface Known {
  readonly own: Names;
  /** What was there when the branch began. */
  readonly outer: Known | null;
}

/**
 * Makes sure that each fetch of entities comes after one that brings what it sends, where there is one: beside it, it
 * would depend on which of the two subgraphs is faster whether there are values or nulls.
 *
 * @throws PlanningError with the field that comes too late, and its place
 */
export function checkOrder(plan: QueryPlan): void {
  const { node } = plan;
  if (node === undefined || node.kind === "Subscription" || !hasParallel(node)) return;
  const brought = new Map<FetchNode, Names>();
  mapFetches(plan, (fetch, place) => {
    brought.set(fetch, namesOfFetch(fetch, place));
    return fetch;
  });
  follow(node, { place: [], before: { own: new Set(), outer: null }, brought });
}

function hasParallel(node: PlanNode): boolean {
  switch (node.kind) {
    case "Parallel":
      return true;
    case "Sequence":
      return node.nodes.some(hasParallel);
    case "Flatten":
      return hasParallel(node.node);
    case "Condition":
      return [node.ifClause, node.elseClause].some((each) => each !== undefined && hasParallel(each));
    default:
      return false;
  }
}

interface At {
  readonly place: readonly string[];
  /** What is there; what a node brings is added. */
  readonly before: Known;
  /** What each fetch of the plan brings. */
  readonly brought: ReadonlyMap<FetchNode, Names>;
}

function follow(node: PlanNode, at: At): void {
  const { place, before, brought } = at;
  switch (node.kind) {
    case "Fetch":
      checkFetch(node, at);
      for (const name of brought.get(node) ?? []) before.own.add(name);
      return;
    case "Sequence":
      for (const each of node.nodes) follow(each, at);
      return;
    case "Parallel": {
      const branches = node.nodes.map((each) => {
        const branch: Known = { own: new Set(), outer: before };
        follow(each, { ...at, before: branch });
        return branch;
      });
      for (const { own } of branches) for (const name of own) before.own.add(name);
      return;
    }
    case "Flatten":
      return follow(node.node, { ...at, place: [...place, ...namesOf(node.path)] });
    case "Condition":
      for (const each of [node.ifClause, node.elseClause]) if (each !== undefined) follow(each, at);
  }
}

function checkFetch(fetch: FetchNode, { place, before, brought }: At): void {
  for (const name of requiredNames(fetch.requires ?? [])) {
    const key = [...place, name].join(".");
    if (isKnown(before, key)) continue;
    const isBrought = [...brought].some(([other, names]) => other !== fetch && names.has(key));
    if (!isBrought) continue;
    throw new PlanningError(
      "QUERY_PLANNING_FAILED",
      `What "${fetch.serviceName}" tells at ${place.join(".")} can't be had: it needs ${name}, which the plan does not bring before.`,
    );
  }
}

function isKnown({ own, outer }: Known, name: string): boolean {
  return own.has(name) || (outer !== null && isKnown(outer, name));
}

/** What is required of entities, as `a.b`. */
function requiredNames(required: readonly QueryPlanSelectionNode[]): string[] {
  return required.flatMap((each) => {
    if (each.kind === "InlineFragment") return requiredNames(each.selections);
    const name = each.alias ?? each.name;
    if (name === "__typename") return [];
    return [name, ...requiredNames(each.selections ?? []).map((inner) => `${name}.${inner}`)];
  });
}

function namesOfFetch(fetch: FetchNode, place: readonly string[]): Names {
  const document = readFetch(fetch);
  const names: Names = new Set();
  addNames(document.selectionSet, place, { document, names });
  return names;
}

function addNames(
  { selections }: SelectionSetNode,
  place: readonly string[],
  into: { readonly document: FetchDocument; readonly names: Names },
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const inner = [...place, mergedName(selection, into.document)];
      into.names.add(inner.join("."));
      if (selection.selectionSet !== undefined) addNames(selection.selectionSet, inner, into);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : into.document.fragments.get(selection.name.value);
    if (fragment !== undefined) addNames(fragment.selectionSet, place, into);
  }
}

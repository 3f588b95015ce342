import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type ASTNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  parse,
  visit,
} from "graphql";
import { namesOf } from "./representations.ts";
import type { SubgraphKeys } from "./subgraph-keys.ts";

type Variables = Readonly<Record<string, unknown>>;

/**
 * A plan with two of its faults mended: fetches require of entities no more than is needed for what is asked for with
 * these variables, as an entity that lacks what a skipped field would need is not sent; and no condition names a variable
 * that its operation does not declare, as that is refused.
 *
 * @param subgraphs by name
 */
export function correctPlan(
  plan: QueryPlan,
  subgraphs: ReadonlyMap<string, SubgraphKeys>,
  variables: Variables,
): QueryPlan {
  const correct = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(correct);
    if (typeof value !== "object" || value === null) return value;
    const { kind, requires } = value as Partial<FetchNode>;
    if (kind === "Fetch") {
      const fetch = withDeclaredVariables(value as FetchNode, variables);
      return requires === undefined ? fetch : withNeededInputs(fetch);
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, correct(each)]));
  };
  const withNeededInputs = (fetch: FetchNode): FetchNode => {
    const keys = subgraphs.get(fetch.serviceName);
    const taken = fieldsOf(fetch.operation, variables);
    if (keys === undefined || taken.size === 0) return fetch;
    const inKeys = [...keys.keys.values()].flat().flatMap(({ selectionSet }) => namesOf(selectionSet));
    const needed = new Set(["__typename", ...inKeys, ...needsOf(taken, keys)]);
    const needless = needsOf(fieldsOf(fetch.operation), keys).filter((name) => !needed.has(name));
    return { ...fetch, requires: without(fetch.requires ?? [], new Set(needless)) };
  };
  return correct(plan) as QueryPlan;
}

function withDeclaredVariables(fetch: FetchNode, variables: Variables): FetchNode {
  const operation = fetch.operation.replaceAll(
    /(@(?:skip|include)\(if:)\$(\w+)\)/g,
    (text: string, start: string, name: string) =>
      fetch.variableUsages?.includes(name) === true ? text : `${start}${variables[name] === true})`,
  );
  return { ...fetch, operation };
}

function without(
  selections: readonly QueryPlanSelectionNode[],
  names: ReadonlySet<string>,
): QueryPlanSelectionNode[] {
  return selections
    .filter((each) => each.kind === "InlineFragment" || !names.has(each.name))
    .map((each) =>
      each.kind === "InlineFragment" ? { ...each, selections: without(each.selections, names) } : each,
    );
}

/** The fields that a fetch asks for, of its entities where it is of entities: with variables those that are not skipped. */
export function fieldsOf(operation: string, variables?: Variables): ReadonlySet<string> {
  const names = new Set<string>();
  visit(parse(operation), {
    enter(node) {
      if (variables !== undefined && isSkipped(node, variables)) return false;
      if (node.kind !== Kind.FIELD || node.name.value === "_entities") return undefined;
      if (node.name.value !== "__typename") names.add(node.name.value);
      return false;
    },
  });
  return names;
}

function isSkipped(node: ASTNode, variables: Variables): boolean {
  if (node.kind !== Kind.FIELD && node.kind !== Kind.INLINE_FRAGMENT && node.kind !== Kind.FRAGMENT_SPREAD)
    return false;
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variables);
  return skip?.if === true || include?.if === false;
}

function needsOf(fields: ReadonlySet<string>, { requires }: SubgraphKeys): string[] {
  return [...requires].flatMap(([coordinate, fieldSet]) =>
    fields.has(coordinate.split(".")[1] ?? "") ? namesOf(fieldSet) : [],
  );
}

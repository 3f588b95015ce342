import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type ASTNode,
  type FieldNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  parse,
  print,
  type SelectionSetNode,
  type VariableDefinitionNode,
  visit,
} from "graphql";
import type { SubgraphKeys } from "./subgraph-keys.ts";

type Variables = Readonly<Record<string, unknown>>;

interface VariablesOfOperation {
  /** Coerced. */
  readonly variables: Variables;
  readonly definitions: readonly VariableDefinitionNode[];
}

/**
 * A plan with two of its faults mended: fetches require of entities no more than is needed for what is asked for with
 * these variables, as an entity that lacks what a skipped field would need is not sent; and operations declare all
 * variables that they use and no others, as they are refused otherwise.
 *
 * @param subgraphs by name
 */
export function correctPlan(
  plan: QueryPlan,
  subgraphs: ReadonlyMap<string, SubgraphKeys>,
  { variables, definitions }: VariablesOfOperation,
): QueryPlan {
  const correct = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(correct);
    if (typeof value !== "object" || value === null) return value;
    const { kind, requires } = value as Partial<FetchNode>;
    if (kind === "Fetch") {
      const fetch = withDeclaredVariables(value as FetchNode, definitions);
      return requires === undefined ? fetch : withNeededInputs(fetch);
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, correct(each)]));
  };
  const withNeededInputs = (fetch: FetchNode): FetchNode => {
    const keys = subgraphs.get(fetch.serviceName);
    const taken = fieldsOf(fetch.operation, variables);
    if (keys === undefined || taken.size === 0) return fetch;
    const inKeys = [...keys.keys.values()].flat().map(({ selectionSet }) => selectionSet);
    const needed = treeOf([...inKeys, ...needsOf(taken, keys)]);
    const all = treeOf(needsOf(fieldsOf(fetch.operation), keys));
    return { ...fetch, requires: without(fetch.requires ?? [], all, needed) };
  };
  return correct(plan) as QueryPlan;
}

function withDeclaredVariables(fetch: FetchNode, definitions: readonly VariableDefinitionNode[]): FetchNode {
  const used = new Set<string>();
  const document = parse(fetch.operation);
  visit(document, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  const usages = fetch.variableUsages ?? [];
  const isUsed = (name: string) => used.has(name);
  const missing = definitions.filter(
    ({ variable: { name } }) => used.has(name.value) && !usages.includes(name.value),
  );
  if (missing.length === 0 && usages.every(isUsed)) return fetch;
  const operation = visit(document, {
    OperationDefinition: (each) => ({
      ...each,
      variableDefinitions: [
        ...(each.variableDefinitions ?? []).filter(({ variable }) => isUsed(variable.name.value)),
        ...missing,
      ],
    }),
  });
  const variableUsages = [...usages.filter(isUsed), ...missing.map(({ variable }) => variable.name.value)];
  return { ...fetch, operation: print(operation), variableUsages };
}

/** Without what is in one tree of names and not in another one. */
function without(
  selections: readonly QueryPlanSelectionNode[],
  all: NameTree,
  needed: NameTree,
): QueryPlanSelectionNode[] {
  return selections.flatMap((each): QueryPlanSelectionNode[] => {
    if (each.kind === "InlineFragment")
      return [{ ...each, selections: without(each.selections, all, needed) }];
    const [ofAll, ofNeeded] = [all.get(each.name), needed.get(each.name)];
    if (ofAll === undefined || each.name === "__typename") return [each];
    if (ofNeeded === undefined) return [];
    if (each.selections === undefined) return [each];
    return [{ ...each, selections: without(each.selections, ofAll, ofNeeded) }];
  });
}

/** Names of fields with what is selected of each, whatever the types. */
type NameTree = ReadonlyMap<string, NameTree>;

function treeOf(selectionSets: readonly SelectionSetNode[]): NameTree {
  const inside = Map.groupBy(selectionSets.flatMap(fieldsIn), ({ name }) => name.value);
  return new Map(
    [...inside].map(([name, fields]) => [name, treeOf(fields.flatMap((each) => each.selectionSet ?? []))]),
  );
}

function fieldsIn({ selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((each) => {
    if (each.kind === Kind.FIELD) return [each];
    return each.kind === Kind.INLINE_FRAGMENT ? fieldsIn(each.selectionSet) : [];
  });
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

function needsOf(fields: ReadonlySet<string>, { requires }: SubgraphKeys): SelectionSetNode[] {
  return [...requires].flatMap(([coordinate, fieldSet]) =>
    fields.has(coordinate.split(".")[1] ?? "") ? [fieldSet] : [],
  );
}

import type { QueryPlanSelectionNode } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import { typeApplies } from "../compile/types.ts";
import type { EntityField } from "./fetch-document.ts";
import { type FieldTree, joined, type SubgraphInputs } from "./subgraph-inputs.ts";

/** What is required of the entities of a type. */
export type RequiredFragment = Extract<QueryPlanSelectionNode, { kind: "InlineFragment" }>;

/**
 * What a fetch requires, as one fragment for each type, with a key in each. An entity that lacks what is in one fragment
 * is sent all the same, by another one: what belongs together has to be in one.
 */
export function tidyRequired(
  selections: readonly QueryPlanSelectionNode[],
  inputs: SubgraphInputs,
  schema: GraphQLSchema,
): QueryPlanSelectionNode[] {
  return withKeys(withFragmentsJoined(unwrapped(selections, schema)), inputs, schema);
}

/** Without fragments in fragments that say no more of the type. */
function unwrapped(
  selections: readonly QueryPlanSelectionNode[],
  schema: GraphQLSchema,
  type?: string,
): QueryPlanSelectionNode[] {
  return selections.flatMap((each) => {
    if (each.kind === "Field") return each;
    const condition = each.typeCondition ?? type;
    const inner = unwrapped(each.selections, schema, condition);
    const isKnown = type !== undefined && condition !== undefined && typeApplies(schema, condition, type);
    return isKnown ? inner : { ...each, selections: inner };
  });
}

/** With what is in several fragments on one type, in one. */
function withFragmentsJoined(selections: readonly QueryPlanSelectionNode[]): QueryPlanSelectionNode[] {
  const byKey = Map.groupBy(selections, (each) =>
    each.kind === "Field" ? (each.alias ?? each.name) : `... on ${each.typeCondition}`,
  );
  return [...byKey.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const inner = [first, ...others].flatMap((each) => each.selections ?? []);
    return inner.length === 0 ? first : { ...first, selections: withFragmentsJoined(inner) };
  });
}

/**
 * What is required of a type without a key of it belongs to the types under it for which there is one: by itself, it
 * would be sent of others as well, which nobody could tell by it.
 */
function withKeys(
  required: QueryPlanSelectionNode[],
  inputs: SubgraphInputs,
  schema: GraphQLSchema,
): QueryPlanSelectionNode[] {
  const hasKey = (each: QueryPlanSelectionNode) =>
    each.kind !== "InlineFragment" ||
    [...inputs.keys].some(
      ([name, keys]) =>
        areRelated(schema, name, each.typeCondition ?? "") &&
        keys.some((key) => isCovered(key, each.selections)),
    );
  const keyed = required.filter(hasKey);
  if (keyed.length === required.length || keyed.length === 0) return required;
  let complete = required;
  for (const each of required) {
    if (each.kind !== "InlineFragment" || hasKey(each)) continue;
    if (!keyed.some((other) => isUnder(other, each, schema))) continue;
    complete = complete
      .filter((other) => other !== each)
      .map((other) =>
        isUnder(other, each, schema)
          ? { ...other, selections: withFragmentsJoined([...other.selections, ...each.selections]) }
          : other,
      );
  }
  return complete;
}

/**
 * With what fields need of a type in what is required of the types under it, too. Of these, an entity without it would be
 * sent by the other fragment alone.
 *
 * @param needsOf what is needed of a type
 */
export function withNeeds(
  required: readonly QueryPlanSelectionNode[],
  needsOf: (type: string) => FieldTree,
  schema: GraphQLSchema,
): QueryPlanSelectionNode[] {
  return required.flatMap((each) => {
    if (each.kind !== "InlineFragment") return each;
    const above = required.filter((other) => isUnder(each, other, schema));
    const needs = needsOf(each.typeCondition ?? "");
    const needed = above.flatMap(({ selections = [] }) =>
      selections.filter((field) => field.kind === "Field" && needs.has(field.name)),
    );
    if (needed.length === 0) return each;
    const selections = withFragmentsJoined([...each.selections, ...needed]);
    const isSame = above.some((other) => isCovered(treeOf(selections), other.selections ?? []));
    return isSame ? [] : { ...each, selections };
  });
}

/** Whether a fragment is about types that another one is about as well. */
function isUnder(
  one: QueryPlanSelectionNode,
  other: QueryPlanSelectionNode,
  schema: GraphQLSchema,
): one is RequiredFragment {
  return (
    one.kind === "InlineFragment" &&
    other.kind === "InlineFragment" &&
    one !== other &&
    typeApplies(schema, other.typeCondition ?? "", one.typeCondition ?? "")
  );
}

function treeOf(selections: readonly QueryPlanSelectionNode[]): FieldTree {
  return joined(
    selections.map((each) =>
      each.kind === "Field" ? new Map([[each.name, treeOf(each.selections ?? [])]]) : treeOf(each.selections),
    ),
  );
}

/** Whether there may be objects of both types. */
export function areRelated(schema: GraphQLSchema, one: string, other: string): boolean {
  return typeApplies(schema, one, other) || typeApplies(schema, other, one);
}

/** What a field of entities needs of them in a subgraph. */
export function needsOfField(
  { field, type }: Pick<EntityField, "field" | "type">,
  { needs }: SubgraphInputs,
  schema: GraphQLSchema,
): FieldTree {
  return joined(
    [...needs].flatMap(([name, fields]) => {
      const tree = fields.get(field.name.value);
      return tree !== undefined && areRelated(schema, name, type) ? [tree] : [];
    }),
  );
}

/** The keys by which a subgraph can be asked for entities of a type. */
export function keysOfType(type: string, { keys }: SubgraphInputs, schema: GraphQLSchema): FieldTree[] {
  return [...keys].flatMap(([name, trees]) => (areRelated(schema, name, type) ? trees : []));
}

export function isCovered(tree: FieldTree, selections: readonly QueryPlanSelectionNode[]): boolean {
  return [...tree].every(([name, inner]) =>
    selections.some(
      (each) => each.kind === "Field" && each.name === name && isCovered(inner, each.selections ?? []),
    ),
  );
}

/** What a fetch requires without what some fields need, but for what is kept: what others need. */
export function without(
  selections: readonly QueryPlanSelectionNode[],
  needed: FieldTree,
  kept: FieldTree,
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === "InlineFragment") {
      const inner = without(selection.selections, needed, kept);
      return inner.length === 0 ? [] : [{ ...selection, selections: inner }];
    }
    const [ofNeeded, ofKept] = [needed.get(selection.name), kept.get(selection.name)];
    if (ofNeeded === undefined) return [selection];
    if (ofKept === undefined) return [];
    if (selection.selections === undefined) return [selection];
    return [{ ...selection, selections: without(selection.selections, ofNeeded, ofKept) }];
  });
}

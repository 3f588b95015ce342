import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { parse, print, stripIgnoredCharacters, visit } from "graphql";
import { mapFetches } from "./plan-nodes.ts";
import type { SeparatedSupergraph } from "./required-fields.ts";

/**
 * Has a plan ask subgraphs for what they have in place of the fields that only the planner sees: for
 * `price__EUR: price(cur: "EUR")`, and what is sent of it is `price` again, read from `price__EUR`.
 */
export function withAliasedFields(plan: QueryPlan, { fields }: SeparatedSupergraph): QueryPlan {
  const names = [...fields.keys()];
  return mapFetches(plan, (fetch) => {
    const { operation, operationDocumentNode: _, requires, ...others } = fetch;
    const isAsked = names.some((name) => operation.includes(name));
    const isSent = requires !== undefined && names.some((name) => JSON.stringify(requires).includes(name));
    if (!isAsked && !isSent) return fetch;
    return {
      ...others,
      operation: isAsked ? withAliases(operation, fields) : operation,
      ...(requires === undefined ? {} : { requires: requires.map((each) => sentAs(each, fields)) }),
    } satisfies FetchNode;
  });
}

function withAliases(operation: string, fields: SeparatedSupergraph["fields"]): string {
  const document = visit(parse(operation, { noLocation: true }), {
    Field(field) {
      const stands = fields.get(field.name.value);
      return stands === undefined ? undefined : { ...field, ...stands, alias: field.alias ?? field.name };
    },
  });
  return stripIgnoredCharacters(print(document));
}

function sentAs(
  selection: QueryPlanSelectionNode,
  fields: SeparatedSupergraph["fields"],
): QueryPlanSelectionNode {
  const selections = selection.selections?.map((each) => sentAs(each, fields));
  if (selection.kind === "InlineFragment") return { ...selection, selections: selections ?? [] };
  const stands = fields.get(selection.name);
  return {
    ...selection,
    ...(stands === undefined ? {} : { alias: selection.alias ?? selection.name, name: stands.name.value }),
    ...(selections === undefined ? {} : { selections }),
  };
}

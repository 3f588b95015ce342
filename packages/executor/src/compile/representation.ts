import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import { isJsonObject, type Json, type JsonObject, setField } from "../json.ts";
import { mergeInto } from "../run/merge.ts";
import { compileRewrites } from "./rewrites.ts";
import { typeApplies } from "./types.ts";

/**
 * Writes the representation of an entity as JSON text, or null where the entity cannot be sent: it is of another type,
 * or lacks a field that could not be had.
 */
export type WriteRepresentation = (entity: JsonObject) => string | null;

/** Compiles what a fetch requires of its entities. Null for a fetch that requires nothing. */
export function compileRepresentation(schema: GraphQLSchema, node: FetchNode): WriteRepresentation | null {
  if (node.requires === undefined) return null;
  const select = compileSelections(schema, node.requires);
  const rewrite = compileRewrites(schema, node.inputRewrites);
  return (entity) => {
    const representation = select(entity);
    if (representation === null || !representation.__typename) return null;
    rewrite?.(representation);
    return JSON.stringify(representation);
  };
}

type Select = (source: JsonObject) => JsonObject | null;
type Part = (source: JsonObject, result: JsonObject) => boolean;

function compileSelections(schema: GraphQLSchema, selections: readonly QueryPlanSelectionNode[]): Select {
  const parts = selections.map((selection) => compileSelection(schema, selection));
  return (source) => {
    const result: JsonObject = {};
    for (const part of parts) if (!part(source, result)) return null;
    return result;
  };
}

function compileSelection(schema: GraphQLSchema, selection: QueryPlanSelectionNode): Part {
  if (selection.kind === "InlineFragment") {
    const { typeCondition } = selection;
    if (typeCondition === undefined) return () => true;
    const select = compileSelections(schema, selection.selections);
    return (source, result) => {
      const typename = source.__typename;
      if (typeof typename !== "string" || !typeApplies(schema, typeCondition, typename)) return true;
      const selected = select(source);
      if (selected !== null) mergeInto(result, selected);
      return true;
    };
  }
  const name = selection.alias ?? selection.name;
  const select = selection.selections === undefined ? null : compileSelections(schema, selection.selections);
  return (source, result) => {
    // A field that was asked for and is not there was non-null and failed; that error has been told.
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (value === undefined) return false;
    setField(result, name, select === null ? value : selectWithin(value, select));
    return true;
  };
}

function selectWithin(value: Json, select: Select): Json {
  if (Array.isArray(value)) return value.map((item) => selectWithin(item, select));
  return isJsonObject(value) ? select(value) : null;
}

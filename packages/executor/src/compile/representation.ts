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
  const whole = compileWhole(schema, node, node.requires);
  const plain = plainKeys(node);
  if (plain === null) return whole;
  // Most representations are a type and a few values: these are written without being made first.
  const [typename, names] = plain;
  const head = `{"__typename":${JSON.stringify(typename)}`;
  const parts = names.map(({ key, name }) => [key, `,${JSON.stringify(name)}:`] as const);
  return (entity) => {
    if (entity.__typename !== typename) return whole(entity);
    let text = head;
    for (const [name, label] of parts) {
      const value = entity[name];
      if (typeof value === "string") text += label + JSON.stringify(value);
      else if (Number.isFinite(value) || value === null) text += label + JSON.stringify(value);
      else return whole(entity);
    }
    return `${text}}`;
  };
}

/** A field that is sent of an entity. */
interface SentField {
  /** In the merged data. */
  readonly key: string;
  /** In the representation: what it is called in the subgraph. */
  readonly name: string;
}

/** The type and the fields of a fetch that requires a few leaves of one type, the type's name first; else null. */
function plainKeys({ requires, inputRewrites }: FetchNode): [typename: string, fields: SentField[]] | null {
  const [fragment, ...others] = requires ?? [];
  if (fragment?.kind !== "InlineFragment" || others.length > 0 || (inputRewrites ?? []).length > 0)
    return null;
  const fields = fragment.selections.map((selection) =>
    selection.kind === "Field" && selection.selections === undefined
      ? { key: selection.alias ?? selection.name, name: selection.name }
      : { key: "__proto__", name: "__proto__" },
  );
  const [first, ...rest] = fields;
  const isPlain =
    first?.key === "__typename" && new Set(fields.map(({ name }) => name)).size === fields.length;
  if (!isPlain || rest.some(({ key }) => key in Object.prototype)) return null;
  return fragment.typeCondition === undefined ? null : [fragment.typeCondition, rest];
}

function compileWhole(
  schema: GraphQLSchema,
  node: FetchNode,
  requires: readonly QueryPlanSelectionNode[],
): WriteRepresentation {
  const select = compileSelections(schema, requires);
  const rewrite = compileRewrites(schema, node.inputRewrites);
  return (entity) => {
    const representation = select(entity);
    if (representation === null || !representation.__typename) return null;
    // Of each fragment that has a key something is missing, as where a condition left it out: nothing tells which it is.
    if (Object.keys(representation).length === 1) return null;
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
  // What stands for a field with arguments is sent by the field's name.
  const key = selection.alias ?? selection.name;
  const { name } = selection;
  const select = selection.selections === undefined ? null : compileSelections(schema, selection.selections);
  return (source, result) => {
    // A field that was asked for and is not there was non-null and failed; that error has been told.
    const value = Object.hasOwn(source, key) ? source[key] : undefined;
    if (value === undefined) return false;
    setField(result, name, select === null ? value : selectWithin(value, select));
    return true;
  };
}

function selectWithin(value: Json, select: Select): Json {
  if (Array.isArray(value)) return value.map((item) => selectWithin(item, select));
  return isJsonObject(value) ? select(value) : null;
}

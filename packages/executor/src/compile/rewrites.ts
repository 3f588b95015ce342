import type { FetchNode } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import { isJsonObject, type Json, type JsonObject, ownField, setField } from "../json.ts";
import { typeApplies } from "./types.ts";

type PlanRewrite = NonNullable<FetchNode["inputRewrites"]>[number];
/** Changes an object in place. */
export type Rewrite = (object: JsonObject) => void;

const TYPE_CONDITION = "... on ";

/**
 * Makes one function of a fetch's rewrites, which change its representations or its answer (the planner's
 * FetchDataRewrite). Null where there are none.
 */
export function compileRewrites(
  schema: GraphQLSchema,
  rewrites: readonly PlanRewrite[] | undefined,
): Rewrite | null {
  if (rewrites === undefined || rewrites.length === 0) return null;
  const all = rewrites.map((rewrite) => compileRewrite(schema, rewrite));
  return (object) => all.forEach((each) => each(object));
}

function compileRewrite(schema: GraphQLSchema, rewrite: PlanRewrite): Rewrite {
  const parent = rewrite.path.slice(0, -1);
  const last = rewrite.path.at(-1);
  if (last === undefined) return () => {};
  if (last.startsWith(TYPE_CONDITION))
    throw new Error(`Rewrite ends in a type condition: ${rewrite.path.join("/")}`);
  const apply = (object: JsonObject) => {
    if (rewrite.kind === "ValueSetter") return setField(object, last, rewrite.setValueTo as Json);
    const value = ownField(object, last);
    if (value === undefined) return;
    setField(object, rewrite.renameKeyTo, value);
    delete object[last];
  };
  return (object) => applyAt(schema, { path: parent, apply }, object);
}

interface RewriteAt {
  readonly path: readonly string[];
  readonly apply: Rewrite;
}

function applyAt(schema: GraphQLSchema, { path, apply }: RewriteAt, value: Json | undefined): void {
  if (Array.isArray(value)) return value.forEach((item) => applyAt(schema, { path, apply }, item));
  if (!isJsonObject(value)) return;
  const [first, ...rest] = path;
  if (first === undefined) return apply(value);
  if (!first.startsWith(TYPE_CONDITION)) {
    return applyAt(schema, { path: rest, apply }, ownField(value, first));
  }
  // An answer need not tell its type; then the condition was the planner's, for this very object.
  const typename = value.__typename;
  if (typeof typename === "string" && !typeApplies(schema, first.slice(TYPE_CONDITION.length), typename))
    return;
  applyAt(schema, { path: rest, apply }, value);
}

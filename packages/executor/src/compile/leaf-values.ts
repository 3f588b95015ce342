import { type GraphQLLeafType, isEnumType } from "graphql";
import type { Json } from "../json.ts";

/** Whether a value, not null, is one of a leaf type. */
export type IsLeafValue = (value: Json) => boolean;

// Larger ones are written with an exponent, which is no Int.
const isInteger = (value: Json) => Number.isInteger(value) && Math.abs(value as number) < 1e21;
const isString = (value: Json) => typeof value === "string";

const BUILT_IN: Readonly<Record<string, IsLeafValue>> = {
  Boolean: (value) => typeof value === "boolean",
  Float: (value) => typeof value === "number" && Number.isFinite(value),
  ID: (value) => isString(value) || isInteger(value),
  Int: isInteger,
  String: isString,
};

/** Checks leaf values as Apollo Gateway does: the built-in scalars and enums by value, custom scalars not at all. */
export function leafCheck(type: GraphQLLeafType): IsLeafValue {
  if (isEnumType(type)) {
    const names = new Set(type.getValues().map((value) => value.name));
    return (value) => typeof value === "string" && names.has(value);
  }
  return BUILT_IN[type.name] ?? (() => true);
}

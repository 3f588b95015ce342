import { isJsonObject, type Json, type JsonObject, setField } from "../json.ts";

/**
 * Merges what a subgraph answered into what is there, in place. Objects are merged by key, lists of equal length by
 * position; anything else is replaced, so that a null from a later fetch wins. Parts of the source become parts of the
 * target; they are not copied.
 */
export function mergeInto(target: JsonObject, source: JsonObject): void {
  // An object that is in several places is merged with itself when these are merged one after the other.
  if (target === source) return;
  for (const key in source) {
    const value = source[key];
    if (value === undefined) continue;
    // A value of an object that is no object's of JSON, such as an inherited method, is never merged into.
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (present === undefined) {
      setField(target, key, value);
    } else if (isJsonObject(value) && isJsonObject(present)) {
      mergeInto(present, value);
    } else if (Array.isArray(value) && Array.isArray(present) && value.length === present.length) {
      mergeLists(present, value);
    } else {
      setField(target, key, value);
    }
  }
}

function mergeLists(target: Json[], source: readonly Json[]): void {
  if (target === source) return;
  source.forEach((value, index) => {
    const present = target[index];
    if (isJsonObject(value) && isJsonObject(present)) {
      mergeInto(present, value);
    } else if (Array.isArray(value) && Array.isArray(present) && value.length === present.length) {
      mergeLists(present, value);
    } else {
      target[index] = value;
    }
  });
}

import { isJsonObject, type Json, type JsonObject, setField } from "../json.ts";

/**
 * Merges what a subgraph answered into what is there, in place. Objects are merged by key, lists of equal length by
 * position; anything else is replaced, so that a null from a later fetch wins. Parts of the source become parts of the
 * target; they are not copied.
 *
 * @param interfaceObjects names of interfaces. An object whose type is known keeps it, where another subgraph knows it
 * by its interface alone, or does not tell it.
 */
export function mergeInto(
  target: JsonObject,
  source: JsonObject,
  interfaceObjects: ReadonlySet<string> | null = null,
): void {
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
      mergeInto(present, value, interfaceObjects);
    } else if (Array.isArray(value) && Array.isArray(present) && value.length === present.length) {
      mergeLists(present, value, interfaceObjects);
    } else if (key !== "__typename" || present === null || tellsType(value, interfaceObjects)) {
      setField(target, key, value);
    }
  }
}

/** Whether it is no less of a type than what is known. */
function tellsType(typename: Json, interfaceObjects: ReadonlySet<string> | null): boolean {
  return typename !== null && interfaceObjects?.has(typename as string) !== true;
}

function mergeLists(
  target: Json[],
  source: readonly Json[],
  interfaceObjects: ReadonlySet<string> | null,
): void {
  if (target === source) return;
  source.forEach((value, index) => {
    const present = target[index];
    if (isJsonObject(value) && isJsonObject(present)) {
      mergeInto(present, value, interfaceObjects);
    } else if (Array.isArray(value) && Array.isArray(present) && value.length === present.length) {
      mergeLists(present, value, interfaceObjects);
    } else {
      target[index] = value;
    }
  });
}

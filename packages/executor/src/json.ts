/** A value as JSON.parse gives it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Whether a value is a JSON object: neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of an object, where it is the object's own: `toString` and `__proto__` are legal aliases in GraphQL. */
export function ownField(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Prepares the reading of one field. Only names that all objects inherit something under need a look at whose it is.
 *
 * @returns null where the object has no such field
 */
export function fieldReader(name: string): (object: JsonObject) => Json {
  return name in Object.prototype
    ? (object) => ownField(object, name) ?? null
    : (object) => object[name] ?? null;
}

/** Prepares the setting of one field. */
export function fieldSetter(name: string): (object: JsonObject, value: Json) => void {
  if (name === "__proto__") return (object, value) => setField(object, name, value);
  return (object, value) => {
    object[name] = value;
  };
}

/** Sets a field, also one called `__proto__`, which a plain assignment would take for the prototype. */
export function setField(object: JsonObject, name: string, value: Json): void {
  if (name === "__proto__") {
    Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
  } else {
    object[name] = value;
  }
}

/** A copy that shares nothing with the original. */
export function copyJson<Value extends Json>(value: Value): Value;
export function copyJson(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => copyJson(item));
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setField(copy, key, copyJson(value[key] ?? null));
  return copy;
}

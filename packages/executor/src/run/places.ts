import { isJsonObject, type Json, type JsonObject } from "../json.ts";

/** Where a fetch puts its data: response names, and `@` for every item of a list. */
export type PlanPath = readonly string[];
/** Where a value is in the response (GraphQL, section 7.1.2, "Path"). */
export type ResponsePath = readonly (string | number)[];

/** The objects at a path, in order, with nulls and what is no object left out. An object may occur more than once. */
export function objectsAt(root: JsonObject, path: PlanPath): JsonObject[] {
  const found: JsonObject[] = [];
  collect(root, { path, found }, 0);
  return found;
}

function collect(
  value: Json | undefined,
  search: { path: PlanPath; found: JsonObject[] },
  depth: number,
): void {
  const { path, found } = search;
  for (let index = depth; index < path.length; index++) {
    const name = path[index] as string;
    if (name === "@") {
      if (Array.isArray(value)) for (const item of value) collect(item, search, index + 1);
      return;
    }
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return;
    value = value[name];
  }
  if (isJsonObject(value)) found.push(value);
}

/** All places of each object at a path. Looked for when an error has to be told where it belongs, and not before. */
export function placesAt(root: JsonObject, path: PlanPath): ReadonlyMap<JsonObject, readonly ResponsePath[]> {
  const places = new Map<JsonObject, ResponsePath[]>();
  const walk = (value: Json | undefined, depth: number, place: (string | number)[]): void => {
    const name = path[depth];
    if (name === undefined) {
      if (!isJsonObject(value)) return;
      const known = places.get(value);
      if (known === undefined) places.set(value, [place]);
      else known.push(place);
    } else if (name === "@") {
      if (Array.isArray(value)) value.forEach((item, index) => walk(item, depth + 1, [...place, index]));
    } else if (isJsonObject(value) && Object.hasOwn(value, name)) {
      walk(value[name], depth + 1, [...place, name]);
    }
  };
  walk(root, 0, []);
  return places;
}

import type { PlanPath } from "../run/places.ts";
import { nodeOf, objectsOf } from "./node-fields.ts";
import type { Place, Places } from "./place.ts";

/**
 * Code of a function that finds the objects at a path, each once however often it occurs there, in the order in which
 * they are met. It takes the root, a number that no other search of the request comes near, and a list to fill.
 *
 * @param name of the function
 */
export function gatherCode(name: string, path: PlanPath, places: Places): string {
  return `function ${name}(v0,S,l){${hopCode({ path, places, index: 0, value: "v0", place: places.root })}}`;
}

interface Hop {
  readonly path: PlanPath;
  readonly places: Places;
  readonly index: number;
  /** The variable that holds what the path led to so far. */
  readonly value: string;
  readonly place: Place;
}

function hopCode(hop: Hop): string {
  const { path, index, value, place, places } = hop;
  const next = `v${index + 1}`;
  const name = path[index];
  if (name === "@") {
    const inner = hopCode({ ...hop, index: index + 1, value: next });
    return `if(Array.isArray(${value}))for(let k=0;k<${value}.length;k++){const ${next}=${value}[k];${inner}}`;
  }
  // An object may be met again at another place of the same path, so that each place has a number of its own.
  const isNew = `${value}!=null&&!Array.isArray(${value})&&${value}.seen!==S+${index}`;
  if (name === undefined) return `if(${isNew}){${value}.seen=S+${index};l.push(${value})}`;
  const source = places.objectSource(place, name);
  const objects = `${nodeOf(source, value)}${source.attached === null ? "" : "?"}.${objectsOf(source.field)}`;
  const inner = hopCode({ ...hop, index: index + 1, value: next, place: places.inside(place, name) });
  return `if(${isNew}){${value}.seen=S+${index};const ${next}=${objects};${inner}}`;
}

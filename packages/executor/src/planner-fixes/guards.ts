/**
 * What has to be so for something to be there: parts as `typePart` and `conditionPart` write them, all of which have to be
 * so. With none, it is always there.
 */
export type Guard = ReadonlySet<string>;

export const ALWAYS: Guard = new Set();

/** How many of the ways in which a field can be there are kept at most. With fewer, more is asked for than needed; nothing is lost. */
const GUARDS_LIMIT = 32;

/** That the object at a place is of a type. */
export function typePart(place: string, type: string): string {
  return `${place} ${type}`;
}

/** That a variable has a value. */
export function conditionPart(variable: string, value: boolean): string {
  return `$${variable} ${value}`;
}

/** The place and the type of a part, or the variable and its value. */
export function splitPart(part: string): readonly [about: string, what: string] {
  const space = part.lastIndexOf(" ");
  return [part.slice(0, space), part.slice(space + 1)];
}

export function isCondition(part: string): boolean {
  return part.startsWith("$");
}

export function withParts(guard: Guard, parts: Iterable<string>): Guard {
  const missing = [...parts].filter((each) => !guard.has(each));
  return missing.length === 0 ? guard : new Set([...guard, ...missing]);
}

/** The guards of two things together, by those of each. */
export function bothOf(some: readonly Guard[], others: readonly Guard[]): readonly Guard[] {
  const both: Guard[] = [];
  for (const one of some) for (const other of others) addGuard(both, withParts(one, other));
  return both;
}

/** Adds a guard to others, unless it says no more than one of these. */
export function addGuard(guards: Guard[], guard: Guard): void {
  if (guards.some((each) => each.isSubsetOf(guard))) return;
  if (guard.size === 0) guards.length = 0;
  if (guards.length < GUARDS_LIMIT) guards.push(guard);
}

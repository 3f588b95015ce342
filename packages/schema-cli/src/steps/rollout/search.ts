/** Why a state would break; an empty list where it does not. */
export type Look<Reason> = (deployed: ReadonlySet<string>) => Reason[];

export interface SearchOptions<Reason> {
  /** What is deployed one at a time, by name. */
  changes: readonly string[];
  /** Looks at the state in which these changes are deployed and the others are not. Neither none nor all is asked for. */
  look: Look<Reason>;
  /** How many states may be looked at. */
  limit: number;
}

/** A change that could not be next. */
export interface Blocked<Reason> {
  change: string;
  reasons: Reason[];
}

export type SearchResult<Reason> =
  | {
      kind: "order";
      order: string[];
      /** What could not have been first, and why. */
      blocked: Blocked<Reason>[];
    }
  | {
      kind: "conflict";
      /** What could be deployed before the search got stuck: the most of all ways that were tried. */
      deployed: string[];
      blocked: Blocked<Reason>[];
      /** Changes that would do together what none does alone; two of them if two suffice. */
      together: string[];
    }
  | { kind: "gave up"; looked: number };

class GaveUp extends Error {}

/**
 * Finds an order in which changes can be deployed one at a time so that no state in between breaks. Depth first, the
 * changes in the order given; no state is looked at twice.
 */
export function searchOrder<Reason>(options: SearchOptions<Reason>): SearchResult<Reason> {
  const { changes, limit } = options;
  const looked = new Map<string, Reason[]>();
  const keyOf = (state: readonly string[]) => JSON.stringify(changes.filter((each) => state.includes(each)));
  const look = (state: readonly string[]): Reason[] => {
    if (state.length === 0 || state.length === changes.length) return [];
    const key = keyOf(state);
    const known = looked.get(key);
    if (known !== undefined) return known;
    if (looked.size >= limit) throw new GaveUp();
    const reasons = options.look(new Set(state));
    looked.set(key, reasons);
    return reasons;
  };
  const blockedAt = (state: readonly string[]): Blocked<Reason>[] =>
    changes.flatMap((change) => {
      if (state.includes(change)) return [];
      const reasons = looked.get(keyOf([...state, change])) ?? [];
      return reasons.length === 0 ? [] : [{ change, reasons }];
    });

  let furthest: string[] = [];
  const dead = new Set<string>();
  const visit = (state: string[]): string[] | null => {
    if (state.length > furthest.length) furthest = state;
    if (state.length === changes.length) return state;
    for (const change of changes) {
      if (state.includes(change)) continue;
      const next = [...state, change];
      if (dead.has(keyOf(next)) || look(next).length > 0) continue;
      const order = visit(next);
      if (order !== null) return order;
    }
    dead.add(keyOf(state));
    return null;
  };

  try {
    const order = visit([]);
    if (order !== null) return { kind: "order", order, blocked: blockedAt([]) };
    const blocked = blockedAt(furthest);
    return { kind: "conflict", deployed: furthest, blocked, together: findTogether(changes, furthest, look) };
  } catch (error) {
    if (error instanceof GaveUp) return { kind: "gave up", looked: looked.size };
    throw error;
  }
}

/** The first two changes that can follow together; all that are left where there are none. */
function findTogether(
  changes: readonly string[],
  deployed: readonly string[],
  look: (state: readonly string[]) => unknown[],
): string[] {
  const left = changes.filter((change) => !deployed.includes(change));
  for (const [index, first] of left.entries()) {
    for (const second of left.slice(index + 1)) {
      if (look([...deployed, first, second]).length === 0) return [first, second];
    }
  }
  return left;
}

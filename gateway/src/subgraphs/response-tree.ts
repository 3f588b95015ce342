/** A place in the answer: keys and list positions. */
export type Path = readonly (string | number)[];

/** An object of the answer that a fetch is about. */
export interface Position {
  readonly path: Path;
  readonly object: Readonly<Record<string, unknown>>;
}

/**
 * What the subgraphs have answered to one request so far. The executor puts later answers into the objects of earlier
 * ones, so that the roots kept here show all of it.
 */
export interface ResponseTree {
  /** Takes the data of a fetch of root fields. */
  add(data: Readonly<Record<string, unknown>>): void;
  /** The objects at a plan's path, where `@` stands for every item of a list; in the order of the answer. */
  positionsAt(path: readonly (string | number)[]): readonly Position[];
}

export function createResponseTree(): ResponseTree {
  const roots: Readonly<Record<string, unknown>>[] = [];
  return {
    add: (data) => void roots.push(data),
    positionsAt(path) {
      const [key, ...rest] = path;
      if (key === undefined)
        return [{ path: [], object: Object.assign({}, ...roots) as Record<string, unknown> }];
      const root = roots.find(
        (each) => Object.hasOwn(each, key) && each[key] !== null && each[key] !== undefined,
      );
      return descend(root?.[key], rest, [key]);
    },
  };
}

function descend(value: unknown, path: readonly (string | number)[], at: Path): readonly Position[] {
  const [key, ...rest] = path;
  if (Array.isArray(value)) {
    const inside = key === "@" ? rest : path;
    return value.flatMap((item, index) => descend(item, inside, [...at, index]));
  }
  if (typeof value !== "object" || value === null) return [];
  if (key === undefined) return [{ path: at, object: value as Record<string, unknown> }];
  return Object.hasOwn(value, key)
    ? descend((value as Record<string | number, unknown>)[key], rest, [...at, key])
    : [];
}

/**
 * Which position each representation of an entity fetch was made of. Representations are in the order of the
 * positions, but not every position has one: it may be of another type, or lack a key.
 *
 * @returns one position for each representation, undefined where it cannot be told
 */
export function matchRepresentations(
  representations: readonly Readonly<Record<string, unknown>>[],
  positions: readonly Position[],
): readonly (Position | undefined)[] {
  if (positions.length === representations.length) return positions;
  let next = 0;
  return representations.map((representation) => {
    for (let at = next; at < positions.length; at++) {
      if (!represents(representation, positions[at]!.object)) continue;
      next = at + 1;
      return positions[at];
    }
    return undefined;
  });
}

function represents(
  representation: Readonly<Record<string, unknown>>,
  object: Readonly<Record<string, unknown>>,
): boolean {
  return Object.entries(representation).every(
    ([key, value]) => (typeof value === "object" && value !== null) || object[key] === value,
  );
}

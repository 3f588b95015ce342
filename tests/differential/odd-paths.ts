import { type Tree, TreeLeaf, TreeList, TreeObject } from "./answer-tree.ts";
import { hash } from "./random.ts";
import type { SubgraphError } from "./subgraph-types.ts";

export interface ErrorSpoiling {
  readonly number: number;
  readonly representations: readonly unknown[];
}

type Path = NonNullable<SubgraphError["path"]>;

/**
 * Makes errors with paths that lead nowhere in the data, or are none: the error counts, wherever it is.
 *
 * @param data with the list of entities as it was asked for, so that an entity has the same error wherever it is in it
 */
export function errorsOfOddPaths(
  data: Tree | undefined,
  { number, representations }: ErrorSpoiling,
): readonly SubgraphError[] {
  const { length } = representations;
  const root = data instanceof TreeObject ? data : undefined;
  const list = root?.fields.find(([name]) => name === "_entities")?.[1];
  const entities = list instanceof TreeList ? list.items : [];
  // About some entities, wherever they are in the list.
  const about = representations.flatMap((each, index) =>
    hash(`${number} ${JSON.stringify(each)}`) % 2 === 0 ? [index] : [],
  );
  const within = (end: (entity: Tree | undefined) => Path): (Path | null)[] =>
    length === 0 ? [end(root)] : about.map((index) => ["_entities", index, ...end(entities[index])]);
  const paths: readonly (readonly (Path | null)[])[] = [
    [["_entities", length + 5, "f0"]],
    [["_entities", length + 5]],
    [["_entities", -1, "f0"]],
    [["_entities", 0.5, "f0"]],
    [["_entities", "0", "f0"]],
    [["_entities", "f0"]],
    [["_entities", null, "f0"]],
    [["_entities", true]],
    [["_entities", {}, "f0"]],
    length === 0 ? [[0, 0, 0]] : about.map((index) => [7, index, 0]),
    [null],
    [[]],
    within((entity) => [...pathOfLeaf(entity), "through", 0, "leaf"]),
    within((entity) => pathOfLeaf(entity)),
    within((entity) => [...pathOfLeaf(entity), 3]),
    within(() => ["unasked", 0, "deep", "deeper"]),
    within(() => [0, "f0"]),
    within(() => []),
  ];
  const extensions = number % 3 === 0 ? {} : { extensions: { code: "ODD", serviceName: "other" } };
  // Two kinds at once may be taken for the same.
  const drawn = [number, number >>> 8].flatMap((each) => paths[each % paths.length] ?? []);
  return drawn.map((path) => ({ message: "Odd", path, ...extensions }));
}

/** The path of the first leaf, or of what is empty. */
function pathOfLeaf(tree: Tree | undefined): Path {
  if (tree === undefined || tree instanceof TreeLeaf) return [];
  if (tree instanceof TreeList) return tree.items.length === 0 ? [] : [0, ...pathOfLeaf(tree.items[0])];
  const [field] = tree.fields;
  return field === undefined ? [] : [field[0], ...pathOfLeaf(field[1])];
}

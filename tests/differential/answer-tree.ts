/** A value of an answer before it is text. Leaves are apart from the rest, as a custom scalar may be an object of JSON. */
export type Tree = TreeObject | TreeList | TreeLeaf;

export class TreeObject {
  readonly fields: [name: string, value: Tree][] = [];
}

export class TreeList {
  readonly items: Tree[];
  constructor(items: Tree[]) {
    this.items = items;
  }
}

export class TreeLeaf {
  /** JSON. */
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** A number, or anything else, as it is to be written. */
export class TreeText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export const NULL = new TreeLeaf(null);

/** JSON as a tree. */
export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return new TreeList(value.map(treeOf));
  if (typeof value !== "object" || value === null) return new TreeLeaf(value);
  const object = new TreeObject();
  for (const [name, item] of Object.entries(value)) object.fields.push([name, treeOf(item)]);
  return object;
}

import type { ShapeField } from "./shape.ts";
import type { Source } from "./place.ts";

// Names in generated code. A node is what an object of an answer becomes: where its leaves are in the bytes, its
// objects, and what fetches have brought for it.

/** Whether only the text of a field is kept: of a leaf, or of objects that are copied as a whole. */
export function isText(field: ShapeField): boolean {
  return field.kind === "leaf" || field.shape?.isNode === false;
}

/** Where a text begins: -1 where there is none, -2 where it is null. */
export const startOf = (field: ShapeField) => `s${field.index}`;
/** Where it ends. */
export const endOf = (field: ShapeField) => `e${field.index}`;
/** Objects in a field: undefined where there are none, null, a node, or a list of these. */
export const objectsOf = (field: ShapeField) => `o${field.index}`;
/** What a fetch has brought: a node, or null. */
export const attachedOf = (fetch: number) => `a${fetch}`;
/**
 * Where the text of a node begins in the response, and where it ends, by the place with what is selected there; -1 before
 * it is written.
 */
export const writtenFrom = (output: number) => `w${output}`;
export const writtenTo = (output: number) => `x${output}`;

/** The node that a source is in, as an expression; may be null or undefined for what a fetch was to bring. */
export function nodeOf(source: Source, node: string): string {
  return source.attached === null ? node : `${node}.${attachedOf(source.attached.fetch)}`;
}

import { UNREADABLE } from "./handover.ts";
import { readNull } from "./json-bytes.ts";

/** Reads one value that is not null, and gives the index behind it. */
export type ReadOne = (bytes: Uint8Array, at: number) => number;

/** Reads a list of leaves, without white space, from its bracket. */
// oxlint-disable-next-line max-params -- an object for each list costs more than the list
export function readItems(bytes: Uint8Array, from: number, allowsNull: boolean, readOne: ReadOne): number {
  if (bytes[from] !== 0x5b) throw UNREADABLE;
  let at = from + 1;
  if (bytes[at] === 0x5d) return at + 1;
  for (;;) {
    if (bytes[at] !== 0x6e) at = readOne(bytes, at);
    else if (allowsNull) at = readNull(bytes, at);
    else throw UNREADABLE;
    if (bytes[at] === 0x5d) return at + 1;
    if (bytes[at] !== 0x2c) throw UNREADABLE;
    at++;
  }
}

/** Reads one of some texts. */
export function readOneOf(bytes: Uint8Array, at: number, texts: readonly Uint8Array[]): number {
  for (const text of texts) if (startsWith(bytes, at, text)) return at + text.length;
  throw UNREADABLE;
}

/** Whether some bytes are behind an index. */
export function startsWith(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}

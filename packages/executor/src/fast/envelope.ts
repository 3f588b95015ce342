import { NO_SUCCESS, UNREADABLE } from "./handover.ts";
import { readString, readValue, skipSpace, textOf } from "./json-bytes.ts";
import { startsWith } from "./read-items.ts";

const OF_ENTITIES = Buffer.from('{"data":{"_entities":');
const OF_ROOT = Buffer.from('{"data":');

/**
 * Finds the data in a response, or the list of entities in it (GraphQL, section 7.1). What comes before may be
 * extensions.
 */
export function findData(bytes: Uint8Array, ofEntities: boolean): number {
  const usual = ofEntities ? OF_ENTITIES : OF_ROOT;
  if (startsWith(bytes, 0, usual)) return skipSpace(bytes, usual.length);
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== 0x7b) throw UNREADABLE;
  for (;;) {
    at = skipSpace(bytes, at + 1);
    const [name, value] = readName(bytes, at);
    if (name === "data") return ofEntities ? findEntities(bytes, value) : value;
    at = readExtensions(bytes, name, value);
    if (bytes[at] !== 0x2c) throw NO_SUCCESS;
  }
}

function findEntities(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x7b) throw NO_SUCCESS;
  const [name, value] = readName(bytes, skipSpace(bytes, at + 1));
  if (name !== "_entities") throw UNREADABLE;
  return value;
}

/** Reads what comes behind the data: nothing, or extensions. */
export function readRest(bytes: Uint8Array, from: number, ofEntities: boolean): void {
  let at = skipSpace(bytes, from);
  if (ofEntities) {
    if (bytes[at] !== 0x7d) throw UNREADABLE;
    at = skipSpace(bytes, at + 1);
  }
  while (bytes[at] === 0x2c) {
    const [name, value] = readName(bytes, skipSpace(bytes, at + 1));
    at = readExtensions(bytes, name, value);
  }
  if (bytes[at] !== 0x7d || skipSpace(bytes, at + 1) !== bytes.length) throw UNREADABLE;
}

function readName(bytes: Uint8Array, at: number): [name: string, value: number] {
  const behind = readString(bytes, at);
  const colon = skipSpace(bytes, behind);
  if (bytes[colon] !== 0x3a) throw UNREADABLE;
  return [textOf(bytes, at + 1, behind - 1), skipSpace(bytes, colon + 1)];
}

/** Anything else of a response is errors, or nothing that is known. */
function readExtensions(bytes: Uint8Array, name: string, value: number): number {
  if (name !== "extensions") throw NO_SUCCESS;
  return skipSpace(bytes, readValue(bytes, value));
}

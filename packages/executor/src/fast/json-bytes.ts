import { UNREADABLE } from "./handover.ts";

// Reads JSON (RFC 8259) from bytes that are known to be UTF-8. A byte behind the end reads as undefined, which is no
// character of any rule. Everything returns the index behind what it read, and throws where JSON.parse would.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
/** Deeper values are left to JSON.parse, which does not recurse on the stack of JavaScript. */
const DEPTH = 200;

/** Skips white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** Reads a string from its opening quote. */
export function readString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) throw UNREADABLE;
  let at = from + 1;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at = readEscape(bytes, at + 1);
    else if (byte >= 0x20) at++;
    else throw UNREADABLE;
  }
}

function readEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case 0x75: // u
      for (let digit = 1; digit <= 4; digit++) if (!isHexDigit(bytes[at + digit])) throw UNREADABLE;
      return at + 5;
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    default:
      throw UNREADABLE;
  }
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/** Reads the digits of a whole number: no fraction, no exponent, no negative zero, no more digits than an Int may have. */
export function readInteger(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  const at = skipDigits(bytes, first);
  const digits = at - first;
  if (digits === 0 || digits > 20 || (bytes[first] === ZERO && at - from > 1)) throw UNREADABLE;
  const next = bytes[at];
  if (next === 0x2e || next === 0x65 || next === 0x45) throw UNREADABLE;
  return at;
}

/** Reads a number that is finite as a double (JSON.parse makes Infinity of larger ones), and not negative zero. */
export function readNumber(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let at = skipDigits(bytes, first);
  const digits = at - first;
  if (digits === 0 || digits > 300 || (bytes[first] === ZERO && digits > 1)) throw UNREADABLE;
  // Negative zero loses its sign in JSON.stringify.
  if (bytes[first] === ZERO && first !== from) throw UNREADABLE;
  if (bytes[at] === 0x2e) {
    const behind = skipDigits(bytes, at + 1);
    if (behind === at + 1) throw UNREADABLE;
    at = behind;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    let exponent = at + 1;
    if (bytes[exponent] === 0x2b || bytes[exponent] === MINUS) exponent++;
    const behind = skipDigits(bytes, exponent);
    if (behind === exponent || !Number.isFinite(Number(textOf(bytes, from, behind)))) throw UNREADABLE;
    at = behind;
  }
  return at;
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] as number;
    if (!(byte >= 0x30 && byte <= 0x39)) return at;
    at++;
  }
}

/** Reads `true` or `false`. */
export function readBoolean(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x74 && bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65)
    return at + 4;
  if (bytes[at] === 0x66 && bytes[at + 1] === 0x61 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x73) {
    if (bytes[at + 4] === 0x65) return at + 5;
  }
  throw UNREADABLE;
}

/** Reads `null`, whose first letter was seen. */
export function readNull(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x6e && bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c)
    return at + 4;
  throw UNREADABLE;
}

/** Reads an ID: a string, or a whole number. */
export function readId(bytes: Uint8Array, from: number): number {
  return bytes[from] === QUOTE ? readString(bytes, from) : readInteger(bytes, from);
}

/** Reads any value. */
export function readValue(bytes: Uint8Array, from: number, depth = 0): number {
  switch (bytes[from]) {
    case QUOTE:
      return readString(bytes, from);
    case 0x7b:
      return readObject(bytes, from, depth + 1);
    case 0x5b:
      return readList(bytes, from, depth + 1);
    case 0x6e:
      return readNull(bytes, from);
    case 0x74:
    case 0x66:
      return readBoolean(bytes, from);
    default:
      return readNumber(bytes, from);
  }
}

function readObject(bytes: Uint8Array, from: number, depth: number): number {
  if (depth > DEPTH) throw UNREADABLE;
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === 0x7d) return at + 1;
  // Of equal names the last one counts, and a `__proto__` is not what it seems: such objects are for JSON.parse.
  const names = new Set<string>();
  for (;;) {
    const behind = readString(bytes, at);
    const name = textOf(bytes, at + 1, behind - 1);
    if (names.has(name) || name.includes("\\") || name === "__proto__") throw UNREADABLE;
    names.add(name);
    at = skipSpace(bytes, behind);
    if (bytes[at] !== 0x3a) throw UNREADABLE;
    at = skipSpace(bytes, readValue(bytes, skipSpace(bytes, at + 1), depth));
    if (bytes[at] === 0x7d) return at + 1;
    if (bytes[at] !== 0x2c) throw UNREADABLE;
    at = skipSpace(bytes, at + 1);
  }
}

function readList(bytes: Uint8Array, from: number, depth: number): number {
  if (depth > DEPTH) throw UNREADABLE;
  let at = skipSpace(bytes, from + 1);
  if (bytes[at] === 0x5d) return at + 1;
  for (;;) {
    at = skipSpace(bytes, readValue(bytes, at, depth));
    if (bytes[at] === 0x5d) return at + 1;
    if (bytes[at] !== 0x2c) throw UNREADABLE;
    at = skipSpace(bytes, at + 1);
  }
}

/** The bytes as a string with a character for each byte: the text itself, where that is ASCII. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return (bytes as Buffer).toString("latin1", from, to);
}

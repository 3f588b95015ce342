import fc from "fast-check";
import { expect, test } from "vitest";
import { leafCheck } from "../compile/leaf-values.ts";
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLScalarType,
  GraphQLString,
} from "graphql";
import type { Json } from "../json.ts";
import { Handover } from "./handover.ts";
import * as json from "./json-bytes.ts";

const PIECES = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "\\n",
  "\\u00e9",
  "\\u12",
  "\\x",
  "null",
  "true",
  "false",
  "nul",
];
const MORE = [
  "0",
  "1",
  "9",
  "-",
  "+",
  ".",
  "e",
  "E",
  "a",
  "é",
  " ",
  "\n",
  "\t",
  "\u0000",
  "\u007f",
  '"a":',
  '"b"',
];
const text = fc.array(fc.constantFrom(...PIECES, ...MORE), { maxLength: 9 }).map((pieces) => pieces.join(""));

/** Whether a reader reads a text to its end. */
function reads(read: (bytes: Uint8Array, at: number) => number, source: string): boolean {
  const bytes = Buffer.from(source);
  try {
    return read(bytes, 0) === bytes.length;
  } catch (error) {
    if (error instanceof Handover) return false;
    throw error;
  }
}

function parsed(source: string): { readonly value: Json } | null {
  try {
    return { value: JSON.parse(source) as Json };
  } catch {
    return null;
  }
}

/** JSON.parse takes these; the readers leave them to it. */
const LEFT_OUT = /-0|__proto__|\d{21}|[eE]\+?\d{3}|\\/;

test("any value: reads what JSON.parse reads, and nothing else", () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.json()), (source) => {
      const isJson = parsed(source) !== null;
      const isRead = reads((bytes, at) => json.readValue(bytes, at), source);
      if (isRead) expect(isJson).toBe(true);
      else if (!LEFT_OUT.test(source) && !/"(\w*)":.*"\1":/.test(source))
        expect(isJson && source === source.trim()).toBe(false);
    }),
    { numRuns: 20_000 },
  );
});

const READERS: readonly (readonly [GraphQLScalarType, (bytes: Uint8Array, at: number) => number])[] = [
  [GraphQLBoolean, json.readBoolean],
  [GraphQLFloat, json.readNumber],
  [GraphQLID, json.readId],
  [GraphQLInt, json.readInteger],
  [GraphQLString, json.readString],
];

test.each(READERS)("%s: reads nothing that is none", (type, read) => {
  const number = fc
    .tuple(
      fc.constantFrom("", "-", "+"),
      fc.constantFrom("0", "7", "01", "123", "2147483648", ""),
      fc.constantFrom("", ".", ".0", ".25", "e3", "e400", "E-1", "e"),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        number,
        fc.string().map((each) => JSON.stringify(each)),
        fc.integer().map(String),
      ),
      (source) => {
        if (!reads(read, source)) return;
        const known = parsed(source);
        expect(known).not.toBeNull();
        expect(leafCheck(type)(known?.value ?? null)).toBe(true);
        // What is copied is what JSON.stringify would write, or another way to write the same.
        expect(Object.is(known?.value, -0)).toBe(false);
      },
    ),
    { numRuns: 10_000 },
  );
});

test.each([
  [
    json.readInteger,
    ["0", "-7", "2147483648", "99999999999999999999"],
    ["-0", "01", "1.0", "1e3", "", "-", "123456789012345678901"],
  ],
  [
    json.readNumber,
    ["0", "0.5", "-1.5e-7", "1E+2", "0e5"],
    ["-0", "-0.5e", "1.", ".5", "1e400", "01.5", "+1", ""],
  ],
  [json.readString, ['""', '"é\\n"', '"\\u00Ff"', '"\\ud800"'], ['"', '"\n"', '"\\u00g0"', '"\\x"', "a"]],
  [json.readBoolean, ["true", "false"], ["tru", "falsy", "True"]],
  [json.readId, ['"a"', "12"], ["1.5", "true"]],
] as const)("%o reads the first, and not the second", (read, good, bad) => {
  expect(good.filter((source) => !reads(read, source))).toEqual([]);
  expect(bad.filter((source) => reads(read, source))).toEqual([]);
});

test("values that are nested too deep for the stack are not read", () => {
  expect(reads((bytes, at) => json.readValue(bytes, at), "[".repeat(190) + "]".repeat(190))).toBe(true);
  expect(reads((bytes, at) => json.readValue(bytes, at), "[".repeat(100_000) + "]".repeat(100_000))).toBe(
    false,
  );
});

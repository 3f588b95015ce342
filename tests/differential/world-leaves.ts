import type { GraphQLScalarType } from "graphql";

const TEXTS = [
  "",
  "plain",
  'text "quoted" \\ and / slashes',
  "line\nbreak\ttab\u0000\u001f",
  "\u2028\u2029 é ß 漢字",
  "😀 pair",
  "\ud800 lone high",
  "lone low \udfff",
  "null",
  "__typename",
  // Alike for longer than one looks at first.
  "the same again and ".repeat(4),
  "the same again and ".repeat(8),
  '{"data":null}',
  " ",
] as const;

const FLOATS = [
  0, 0.1, -2.5, 3, 1e21, -1.5e-7, 5e-324, 1.7976931348623157e308, 123456789.125, 1e-7, 100,
] as const;
const INTS = [0, 1, -1, 7, 42, -2147483648, 2147483647, 1000] as const;
const ANYTHING = [
  { any: 1, nested: [null, { deep: true }, []] },
  {},
  [],
  [[1, [2]], {}],
  "any",
  0,
  false,
  { __typename: "NoType", toString: 1, "with space": "\u2028" },
  9007199254740992,
  1.5,
] as const;

/** A value of a scalar. Numbers are spread over those that are written in an unusual way. */
export function leafValue(scalar: GraphQLScalarType["name"], number: number): unknown {
  switch (scalar) {
    case "Int":
      return INTS[number % INTS.length];
    case "Float":
      return FLOATS[number % FLOATS.length];
    case "Boolean":
      return number % 2 === 0;
    case "ID":
      return String(number % 50);
    case "String":
      return `${TEXTS[number % TEXTS.length]}${number % 5}`;
    case "Stamp":
      return `2024-0${1 + (number % 9)}-01`;
    default:
      return ANYTHING[number % ANYTHING.length];
  }
}

import { type Tree, TreeLeaf, TreeList, type TreeObject, TreeText } from "./answer-tree.ts";

/** How an answer is written. None of it changes what is meant (RFC 8259). */
export interface Writing {
  /** Newlines, tabs, spaces, carriage returns between tokens. */
  readonly isLoose?: boolean;
  /** Fields in another order than asked for. */
  readonly isShuffled?: boolean;
  /** Fields that nobody asked for. */
  readonly hasExtras?: boolean;
  /** Fields twice: the last counts, as with JSON.parse. */
  readonly hasDuplicates?: boolean;
  /** Letters as escapes. */
  readonly isEscaped?: boolean;
  /** Numbers with fractions and exponents. */
  readonly hasOddNumbers?: boolean;
}

/** The names of ways to write, which may be put together. */
export const WRITINGS = [
  "isLoose",
  "isShuffled",
  "hasExtras",
  "hasDuplicates",
  "isEscaped",
  "hasOddNumbers",
] as const satisfies readonly (keyof Writing)[];

const SPACES = ["", "", " ", "\n", "\r\n  ", "\t", " \n\t "];
const EXTRAS: readonly (readonly [name: string, text: string])[] = [
  ["unasked", '{"deep":[1,{"x":null}]}'],
  ["", '""'],
  ["valueOf", '{"__proto__":{"polluted":true}}'],
  ["__lookupGetter__", '{"constructor":{"prototype":{"polluted":true}}}'],
  ["very long and \\u0022odd\\u0022", "[[],[[]],{}]"],
  ["_extra", '"}]{[\\\\"'],
];
const GARBAGE = ["null", "7", '"twice"', '[{"a":[]}]', '{"__typename":"Nobody","id":"none"}'];

/** Writes an answer as JSON. What is drawn is drawn anew for each token. */
export function writeTree(tree: Tree, writing: Writing, draw: () => number): string {
  const space = writing.isLoose === true ? () => SPACES[draw() % SPACES.length] as string : () => "";
  const list = (open: string, parts: readonly string[], close: string) =>
    `${open}${space()}${parts.join(`${space()},${space()}`)}${space()}${close}`;
  const leaf = (value: unknown): string => {
    if (value instanceof TreeText) return value.text;
    if (typeof value === "string") return writeString(value, writing, draw);
    if (typeof value === "number" && writing.hasOddNumbers === true) return writeNumber(value, draw);
    return JSON.stringify(value);
  };
  const write = (value: Tree): string => {
    if (value instanceof TreeLeaf) return leaf(value.value);
    if (value instanceof TreeList) return list("[", value.items.map(write), "]");
    return list("{", members(value), "}");
  };
  const members = ({ fields }: TreeObject): string[] => {
    const names = new Set(fields.map(([name]) => name));
    const parts: [key: string, text: string][] = fields.map(([name, value]) => [
      writeString(name, writing, draw),
      write(value),
    ]);
    if (writing.isShuffled === true)
      for (let index = parts.length - 1; index > 0; index--) {
        const other = draw() % (index + 1);
        [parts[index], parts[other]] = [parts[other] as [string, string], parts[index] as [string, string]];
      }
    if (writing.hasExtras === true && draw() % 2 === 0) {
      const [name, text] = EXTRAS[draw() % EXTRAS.length] as (typeof EXTRAS)[number];
      if (!names.has(name)) parts.splice(draw() % (parts.length + 1), 0, [`"${name}"`, text]);
    }
    if (writing.hasDuplicates === true && parts.length > 0 && draw() % 3 === 0) {
      const index = draw() % parts.length;
      const [key] = parts[index] as [string, string];
      parts.splice(draw() % (index + 1), 0, [key, GARBAGE[draw() % GARBAGE.length] as string]);
    }
    return parts.map(([key, text]) => `${key}${space()}:${space()}${text}`);
  };
  return space() + write(tree) + space();
}

function writeString(text: string, { isEscaped }: Writing, draw: () => number): string {
  const plain = JSON.stringify(text);
  if (isEscaped !== true || draw() % 2 === 0) return plain;
  const units = Array.from({ length: text.length }, (_, index) => text[index] as string);
  const escaped = units.map((unit) => {
    if (unit === "/" && draw() % 2 === 0) return "\\/";
    // Each half of a pair by itself, if need be: JSON.parse puts them together.
    if (draw() % 3 === 0) return unicodeEscape(unit, draw);
    return unit >= "\ud800" && unit <= "\udfff"
      ? unicodeEscape(unit, draw)
      : JSON.stringify(unit).slice(1, -1);
  });
  return `"${escaped.join("")}"`;
}

function unicodeEscape(unit: string, draw: () => number): string {
  const digits = unit.charCodeAt(0).toString(16).padStart(4, "0");
  return `\\u${draw() % 2 === 0 ? digits : digits.toUpperCase()}`;
}

function writeNumber(value: number, draw: () => number): string {
  const plain = JSON.stringify(value);
  if (!/^-?\d+$/.test(plain)) return draw() % 2 === 0 ? plain : plain.replace("e", "E");
  if (value === 0) return ["0", "0.0", "0e0", "0.000E+00", "0e-7"][draw() % 5] as string;
  return [plain, `${plain}.0`, `${plain}e0`, `${plain}.000E+00`, `${plain}0e-1`][draw() % 5] as string;
}

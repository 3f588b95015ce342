import fc from "fast-check";

/** A type in one of its wrappings, and whether an input has a default. */
export interface Use {
  type: string;
  wrap: string;
  default: boolean;
}

export interface ModelField {
  use: Use;
  args: (Use | null)[];
}

/** A schema with the same names in any case: `T0`, `T1` of `f0`..., `In` of `x0`..., `E`, `U`, `I`. */
export interface Model {
  types: (ModelField | null)[][];
  input: (Use | null)[];
  values: string[];
  members: string[];
  implementing: string[];
  /** Definitions that no field leads to. */
  aside: string[];
}

/** A fragment can still name the first two. */
export const asides = {
  V: "union V = T0",
  J: "interface J { id: ID }",
  L: "type L { x(e: LE): LE next: L } enum LE { A }",
  LU: "union LU = LM type LM { y: Int }",
  LI: "input LI { x: Int! }",
  LJ: "interface LJ { id: ID } type LK implements LJ { id: ID }",
};

const wraps = ["?", "?!", "[?]", "[?!]", "[?]!", "[?!]!"];
const use = (...types: string[]): fc.Arbitrary<Use> =>
  fc.record({ type: fc.constantFrom(...types), wrap: fc.constantFrom(...wraps), default: fc.boolean() });
const some = (...names: string[]) => fc.subarray(names, { minLength: 1 });
const perhaps = <Of>(of: fc.Arbitrary<Of>, length: number) =>
  fc.array(fc.option(of, { freq: 3 }), { minLength: length, maxLength: length });

const field: fc.Arbitrary<ModelField> = fc.record({
  use: use("Int", "String", "ID", "Boolean", "E", "T0", "T1", "U", "I"),
  args: perhaps(use("Int", "String", "ID", "E", "In"), 2),
});

export const model: fc.Arbitrary<Model> = fc.record({
  types: fc.tuple(perhaps(field, 4), perhaps(field, 4)),
  input: perhaps(use("Int", "String", "ID", "E"), 3),
  values: some("A", "B", "C"),
  members: some("T0", "T1"),
  implementing: some("T0", "T1"),
  aside: fc.subarray(Object.keys(asides)),
});

export function typeText({ type, wrap }: Use): string {
  return wrap.replace("?", type);
}

/** A value of SDL or of an operation for a type; enums by the value given. */
export function literal({ type, wrap }: Use, given: Model): string {
  const [value = ""] = given.values;
  const plain: Record<string, string> = { Int: "1", String: '"s"', ID: '"s"', E: value };
  const text = type === "In" ? inputLiteral(given) : (plain[type] ?? "");
  return wrap.startsWith("[") ? `[${text}]` : text;
}

/** The input with what has to be given, and more. */
export function inputLiteral(given: Model, more: Record<string, string> = {}): string {
  const fields = given.input.flatMap((each, index) => {
    const own = more[`x${index}`];
    if (each === null) return [];
    if (own === undefined && !isRequired(each)) return [];
    return [`x${index}: ${own ?? literal(each, given)}`];
  });
  return `{ ${fields.join(", ")} }`;
}

export function isRequired({ wrap, default: given, type }: Use): boolean {
  return wrap.endsWith("!") && !(given && hasDefault(type));
}

/** Enums and inputs get none, as it would have to change with them. */
function hasDefault(type: string): boolean {
  return type !== "In" && type !== "E";
}

export function printModel(given: Model): string {
  const value = (name: string, each: Use) =>
    `${name}: ${typeText(each)}${each.default && hasDefault(each.type) ? ` = ${literal(each, given)}` : ""}`;
  const inputs = given.input.map((each, index) => (each === null ? "" : value(`x${index}`, each)));
  const types = given.types.map((fields, type) => {
    const texts = fields.map((each, index) => {
      if (each === null) return "";
      const args = each.args.flatMap((arg, at) => (arg === null ? [] : [value(`a${at}`, arg)]));
      return `f${index}${args.length === 0 ? "" : `(${args.join(", ")})`}: ${typeText(each.use)}`;
    });
    const interfaces = [
      ...(given.implementing.includes(`T${type}`) ? ["I"] : []),
      ...(given.aside.includes("J") && type === 0 ? ["J"] : []),
    ];
    const implementing = interfaces.length === 0 ? "" : ` implements ${interfaces.join(" & ")}`;
    return `type T${type}${implementing} { id: ID ${texts.join(" ")} }`;
  });
  return [
    "type Query { t0: T0! t1: T1! e(e: E, in: In): E u: U i: I }",
    "interface I { id: ID }",
    `union U = ${given.members.join(" | ")}`,
    `enum E { ${given.values.join(" ")} }`,
    `input In { always: Int ${inputs.join(" ")} }`,
    ...types,
    ...given.aside.map((name) => asides[name as keyof typeof asides]),
  ].join("\n");
}

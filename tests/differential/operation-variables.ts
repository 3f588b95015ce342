import {
  type GraphQLArgument,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from "graphql";
import type { Random } from "./random.ts";

/** The variables of one operation, and literals with variables in them. */
export class OperationVariables {
  readonly #variables = new Map<string, Variable>();
  readonly #random: Random;
  readonly #features: Set<string>;

  constructor(random: Random, features: Set<string>) {
    this.#random = random;
    this.#features = features;
  }

  /** Definitions, in brackets; or nothing. */
  get definitions(): string {
    const parts = [...this.#variables].map(([name, { type }]) => `$${name}: ${type}`);
    return parts.length === 0 ? "" : `(${parts.join(", ")})`;
  }

  /** Draws values for all variables. Those that may be left out sometimes are. */
  draw(random: Random): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const [name, { draw, isOptional }] of this.#variables) {
      if (isOptional && random.chance(0.35)) continue;
      values[name] = draw(random);
    }
    return values;
  }

  /** An argument with its value, or null where it is left out. */
  argument(arg: GraphQLArgument): string | null {
    if (!isNonNullType(arg.type) && this.#random.chance(0.3)) return null;
    return `${arg.name}: ${this.#input(arg.type, 0)}`;
  }

  /** A condition for `@skip` or `@include`. */
  condition(): string {
    const random = this.#random;
    if (random.chance(0.2)) return String(random.chance(0.5));
    this.#features.add("condition with a variable");
    const known = [...this.#variables].filter(([, { type }]) => type === "Boolean!");
    if (known.length > 0 && random.chance(0.3)) return `$${random.pick(known)[0]}`;
    const byDefault = random.chance(0.2);
    const type = byDefault ? `Boolean! = ${random.chance(0.5)}` : "Boolean!";
    return this.#add({ type, isOptional: byDefault, draw: (by) => by.chance(0.5) });
  }

  #input(type: GraphQLInputType, depth: number): string {
    const random = this.#random;
    if (random.chance(depth === 0 ? 0.4 : 0.25)) return this.#variable(type);
    if (isNonNullType(type)) return this.#input(type.ofType, depth);
    if (random.chance(0.1)) return "null";
    if (isListType(type)) {
      if (random.chance(0.15)) return this.#input(type.ofType, depth + 1);
      const count = random.below(3);
      const items = Array.from({ length: count }, () => this.#input(type.ofType, depth + 1));
      return `[${items.join(", ")}]`;
    }
    if (isInputObjectType(type)) {
      this.#features.add("input object");
      const fields = Object.values(type.getFields()).filter(() => depth < 3 && random.chance(0.4));
      return `{ ${fields.map((field) => `${field.name}: ${this.#input(field.type, depth + 1)}`).join(", ")} }`;
    }
    return literal(drawInput(type, random, depth), type);
  }

  #variable(type: GraphQLInputType): string {
    const random = this.#random;
    const kind = isListType(type)
      ? "list"
      : isInputObjectType(type)
        ? "input object"
        : isEnumType(type)
          ? "enum"
          : "scalar";
    this.#features.add(`variable: ${isNonNullType(type) ? "non-null" : kind}`);
    const isOptional = !isNonNullType(type);
    const byDefault =
      isOptional && random.chance(0.3) ? ` = ${literal(drawInput(type, random, 1), type)}` : "";
    if (byDefault !== "") this.#features.add("variable: default");
    return this.#add({
      type: `${String(type)}${byDefault}`,
      isOptional,
      draw: (by) => (isOptional && by.chance(0.15) ? null : drawInput(type, by, 0)),
    });
  }

  #add(variable: Variable): string {
    const name = `v${this.#variables.size}`;
    this.#variables.set(name, variable);
    return `$${name}`;
  }
}

interface Variable {
  readonly type: string;
  readonly isOptional: boolean;
  readonly draw: (random: Random) => unknown;
}

const ANYTHING = [{ k: [1, null, { deep: "x" }] }, [], "any", 1.5, false, { "odd key": "\u2028" }];
const TEXTS = ["", "v", 'qu"ote', "line\nbreak", "é 😀", "\\", "$v0"];

/** A value of an input type, as JSON. */
function drawInput(type: GraphQLInputType, random: Random, depth: number): unknown {
  if (isNonNullType(type)) return drawInput(type.ofType, random, depth);
  if (isListType(type)) {
    const item = type.ofType;
    return Array.from({ length: random.below(3) }, () => drawInput(item, random, depth + 1));
  }
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(() => depth < 3 && random.chance(0.4));
    return Object.fromEntries(fields.map((field) => [field.name, drawInput(field.type, random, depth + 1)]));
  }
  switch (type.name) {
    case "Int":
      return random.below(4);
    case "Float":
      return random.pick([0, 1, 2.5, -1e-7, 1e21]);
    case "Boolean":
      return random.chance(0.5);
    case "ID":
      return random.chance(0.5) ? String(random.below(5)) : random.below(5);
    case "Any":
      return random.pick(ANYTHING);
    default:
      return random.pick(TEXTS);
  }
}

/** JSON as a literal of the language. */
function literal(value: unknown, type?: GraphQLInputType): string {
  if (type !== undefined && isNonNullType(type)) return literal(value, nullable(type));
  if (Array.isArray(value)) {
    const item = type !== undefined && isListType(type) ? type.ofType : undefined;
    return `[${value.map((each) => literal(each, item)).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = isInputObjectType(type) ? type.getFields() : {};
    const parts = Object.entries(value).map(
      ([name, item]) => `${name.replace(/\W/g, "_")}: ${literal(item, fields[name]?.type)}`,
    );
    return `{ ${parts.join(", ")} }`;
  }
  return isEnumType(type) && value !== null ? (value as string) : JSON.stringify(value);
}

function nullable(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) ? type.ofType : type;
}

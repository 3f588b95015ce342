import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import { hash, type Random } from "./random.ts";

/** An operation with its variables. */
export interface GeneratedOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Makes a valid operation against a schema, or null where several attempts gave none. */
export function generateOperation(schema: GraphQLSchema, random: Random): GeneratedOperation | null {
  for (let attempt = 0; attempt < 8; attempt++) {
    const operation = new Writer(schema, random).write();
    if (operation !== null && validate(schema, parse(operation.query)).length === 0) return operation;
  }
  return null;
}

/** The conditions of the fragments around and beside, up to the next field; null where there are to be none. */
type Scope = Set<string> | null;

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #variables = new Map<string, { readonly type: string; readonly value: unknown }>();
  readonly #fragments: string[] = [];
  #budget = 40;

  constructor(schema: GraphQLSchema, random: Random) {
    this.#schema = schema;
    this.#random = random;
  }

  write(): GeneratedOperation | null {
    const random = this.#random;
    const mutation = random.chance(0.12);
    const root = mutation ? this.#schema.getMutationType() : this.#schema.getQueryType();
    if (root == null) return null;
    const selections = this.#selectionSet(root, 0);
    const name = random.chance(0.5) ? "Named" : "";
    const variables = [...this.#variables].map(([variable, { type }]) => `$${variable}: ${type}`).join(", ");
    const head = `${mutation ? "mutation" : "query"} ${name}${variables === "" ? "" : `(${variables})`}`;
    return {
      query: `${head} ${selections}\n${this.#fragments.join("\n")}`,
      variables: Object.fromEntries(
        [...this.#variables].flatMap(([variable, { value }]) =>
          value === undefined ? [] : [[variable, value]],
        ),
      ),
      ...(name !== "" && random.chance(0.5) ? { operationName: name } : {}),
    };
  }

  #selectionSet(type: GraphQLCompositeType, depth: number, scope: Scope = new Set()): string {
    const random = this.#random;
    const fields = isAbstractType(type) && !isInterfaceType(type) ? [] : Object.values(type.getFields());
    const parts: string[] = [];
    const count = 1 + random.below(depth === 0 ? 3 : 4);
    for (let index = 0; index < count; index++) {
      if (fields.length > 0 && !random.chance(isAbstractType(type) ? 0.4 : 0.12)) {
        const part = this.#field(random.pick(fields), depth);
        if (part !== null) parts.push(part);
        // The same once more: of an entity that was asked for before.
        if (part !== null && random.chance(0.15)) parts.push(part.replace(/^(\w+: )?/, `again${index}: `));
      } else if (random.chance(0.25)) {
        parts.push(`${random.chance(0.3) ? "kind: " : ""}__typename${this.#directive()}`);
      } else {
        parts.push(scope === null ? "__typename" : this.#fragment(type, depth, scope));
      }
    }
    if (depth === 0 && random.chance(0.04)) parts.push(`__type(name: "E") { name fields { name } }`);
    return `{ ${parts.length === 0 ? "__typename" : parts.join(" ")} }`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string | null {
    const random = this.#random;
    const type = getNamedType(field.type);
    if (this.#budget-- <= 0 || (depth >= 5 && isCompositeType(type))) return null;
    const args = field.args.flatMap((arg) => this.#argument(arg) ?? []);
    const text = args.length === 0 ? "" : `(${args.join(", ")})`;
    // Equal response names must mean equal arguments (GraphQL, section 5.3.2). And Apollo Gateway mixes up fields that
    // are called like required ones with other arguments; known-differences.test.ts has the right answer.
    const alias =
      field.args.length > 0
        ? `${field.name}_${hash(text) % 1000}: `
        : random.chance(0.1)
          ? `other_${field.name}: `
          : random.chance(0.02)
            ? `${random.pick(["constructor", "toString", "__proto__", "hasOwnProperty"])}: `
            : "";
    const selections = isCompositeType(type) ? ` ${this.#selectionSet(type, depth + 1)}` : "";
    return `${alias}${field.name}${text}${this.#directive()}${selections}`;
  }

  #argument(arg: GraphQLArgument): string | null {
    const random = this.#random;
    if (!isNonNullType(arg.type) && random.chance(0.3)) return null;
    const type = getNamedType(arg.type);
    const value = isEnumType(type)
      ? random.pick(["RED", "GREEN"])
      : type.name === "Int"
        ? random.below(4)
        : "v";
    const literal = type.name === "String" ? JSON.stringify(value) : String(value);
    if (!random.chance(0.4)) return `${arg.name}: ${literal}`;
    const byDefault = !isNonNullType(arg.type) && random.chance(0.3) ? ` = ${literal}` : "";
    return `${arg.name}: $${this.#variable(`${String(arg.type)}${byDefault}`, random.chance(0.8) || isNonNullType(arg.type) ? value : undefined)}`;
  }

  #fragment(type: GraphQLCompositeType, depth: number, scope: Set<string>): string {
    const random = this.#random;
    // Apollo Gateway merges fragments with equal conditions, which moves their fields forward.
    const candidates = Object.values(this.#schema.getTypeMap()).filter(
      (each): each is GraphQLCompositeType =>
        isCompositeType(each) &&
        !each.name.startsWith("__") &&
        !scope.has(each.name) &&
        this.#overlaps(type, each),
    );
    if (candidates.length === 0) return "__typename";
    const condition = random.pick(candidates);
    scope.add(condition.name);
    // Where an object's type is known without asking, it loses what is in two fragments, the outer one on an abstract
    // type. known-differences.test.ts has the right answers to both.
    const inner = isObjectType(type) && isAbstractType(condition) ? null : scope;
    const selections = this.#selectionSet(condition, depth + (random.chance(0.5) ? 1 : 0), inner);
    if (random.chance(0.3)) {
      const name = `Part${this.#fragments.length}`;
      this.#fragments.push(`fragment ${name} on ${condition.name} ${selections}`);
      return `...${name}${this.#directive()}`;
    }
    if (condition === type && random.chance(0.5)) return `...${this.#directive()} ${selections}`;
    return `... on ${condition.name}${this.#directive()} ${selections}`;
  }

  #overlaps(type: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    const possible = (each: GraphQLCompositeType) =>
      isObjectType(each) ? [each] : isAbstractType(each) ? this.#schema.getPossibleTypes(each) : [];
    return possible(type).some((each) => possible(other).includes(each));
  }

  #directive(): string {
    const random = this.#random;
    if (!random.chance(0.1)) return "";
    const name = random.pick(["skip", "include"]);
    if (random.chance(0.25)) return ` @${name}(if: ${random.chance(0.5)})`;
    const value = random.chance(0.5);
    const byDefault = random.chance(0.2);
    return ` @${name}(if: $${this.#variable(byDefault ? `Boolean! = ${value}` : "Boolean!", byDefault ? undefined : value)})`;
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.#variables.size}`;
    this.#variables.set(name, { type, value });
    return name;
  }
}

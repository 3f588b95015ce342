import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  validate,
} from "graphql";
import { OperationVariables } from "./operation-variables.ts";
import { hash, type Random } from "./random.ts";
import { writeTwins } from "./twins.ts";

/** An operation with its variables. */
export interface GeneratedOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** A valid operation, for which variables can be drawn time and again. */
export interface OperationSource {
  readonly document: DocumentNode;
  /** Names of what is used of the language. */
  readonly features: ReadonlySet<string>;
  withVariables(random: Random): GeneratedOperation;
}

/**
 * Makes a valid operation against a schema, or null where several attempts gave none.
 *
 * @param hasConflicts whether there is much that may get in each other's way in a plan
 */
export function generateOperation(
  schema: GraphQLSchema,
  random: Random,
  hasConflicts: boolean,
): OperationSource | null {
  for (let attempt = 0; attempt < 8; attempt++) {
    const source = new Writer(schema, random, hasConflicts).write();
    if (source !== null && validate(schema, source.document).length === 0) return source;
  }
  return null;
}

const ODD_ALIASES = ["constructor", "toString", "__proto__", "hasOwnProperty", "id", "sku", "_entities"];

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #hasConflicts: boolean;
  readonly #features = new Set<string>();
  readonly #variables: OperationVariables;
  readonly #fragments: {
    readonly name: string;
    readonly type: GraphQLCompositeType;
    readonly text: string;
  }[] = [];
  #budget: number;
  #depth = 0;
  /** Interfaces around. */
  #interfaces = 0;
  /** Fragments on object types up to the next field around. */
  #casts = 0;

  constructor(schema: GraphQLSchema, random: Random, hasConflicts: boolean) {
    this.#schema = schema;
    this.#random = random;
    this.#hasConflicts = hasConflicts;
    this.#variables = new OperationVariables(random, this.#features);
    this.#budget = random.pick([6, 15, 40]);
  }

  write(): OperationSource | null {
    const random = this.#random;
    const mutation = random.chance(this.#hasConflicts ? 0.25 : 0.15);
    const root = mutation ? this.#schema.getMutationType() : this.#schema.getQueryType();
    if (root == null) return null;
    if (mutation) this.#features.add("mutation");
    const selections = this.#selectionSet(root, 0);
    const others = random.chance(0.05) ? "query Other { __typename }" : "";
    const name = others !== "" || random.chance(0.5) ? "Named" : "";
    const head = `${mutation ? "mutation" : "query"} ${name}${this.#variables.definitions}`;
    const fragments = this.#fragments.map(
      (each) => `fragment ${each.name} on ${each.type.name} ${each.text}`,
    );
    const query = [`${head} ${selections}`, ...fragments, others].join("\n");
    const isNamed = others !== "" || (name !== "" && random.chance(0.5));
    return {
      document: parse(query),
      features: this.#features,
      withVariables: (by) => ({
        query,
        variables: this.#variables.draw(by),
        ...(isNamed ? { operationName: name } : {}),
      }),
    };
  }

  #selectionSet(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const parts: string[] = [];
    const isMutation = type === this.#schema.getMutationType();
    const twins = this.#twins(type, depth);
    if (twins !== "") parts.push(twins);
    const count = twins === "" ? 1 + random.below(depth === 0 ? 3 : 4) : random.below(3);
    for (let index = 0; index < count; index++) {
      if (fields.length > 0 && !random.chance(isAbstractType(type) ? 0.4 : 0.12)) {
        const part = this.#field(this.#pick(fields, depth), depth);
        if (part !== null) parts.push(part);
        // The same once more, of an entity that was asked for before; but a little: the planner's work doubles with it.
        if (part !== null && part.length < 120 && random.chance(0.15))
          parts.push(part.replace(/^(\w+: )?/, `again${index}: `));
      } else if (random.chance(0.25)) {
        parts.push(this.#typename());
      } else {
        parts.push(this.#fragment(type, depth));
      }
    }
    if (isMutation && parts.length > 1) this.#features.add("several mutations");
    if (depth === 0 && !isMutation && random.chance(0.05)) parts.push(this.#introspection());
    return `{ ${parts.length === 0 ? "__typename" : parts.join(" ")} }`;
  }

  /** At the root, one of those that only the types within tell apart, mostly, where that is what it is about. */
  #pick(fields: readonly GraphQLField<unknown, unknown>[], depth: number): GraphQLField<unknown, unknown> {
    const abstract =
      this.#hasConflicts && depth === 0
        ? fields.filter(({ type }) => isAbstractType(getNamedType(type)))
        : [];
    return this.#random.pick(abstract.length > 0 && this.#random.chance(0.7) ? abstract : fields);
  }

  /** Two of a kind that only the types around tell apart. */
  #twins(type: GraphQLCompositeType, depth: number): string {
    const isTooMuch = depth >= 4 || this.#budget < 2 || this.#interfaces === 2;
    if (!this.#hasConflicts || !isAbstractType(type) || isTooMuch || !this.#random.chance(0.8)) return "";
    const twins = writeTwins(type, {
      schema: this.#schema,
      random: this.#random,
      arguments: (field) => this.#arguments(field),
      inside: (inner) => this.#inside(inner, depth + 3),
    });
    if (twins !== "") this.#features.add("twins");
    return twins;
  }

  #arguments(field: GraphQLField<unknown, unknown>): string {
    const args = field.args.flatMap((arg) => this.#variables.argument(arg) ?? []);
    return args.length === 0 ? "" : `(${args.join(", ")})`;
  }

  #typename(): string {
    const isAliased = this.#random.chance(0.3);
    this.#features.add(isAliased ? "aliased __typename" : "__typename");
    return `${isAliased ? "kind: " : ""}__typename${this.#directive()}`;
  }

  #introspection(): string {
    this.#features.add("introspection");
    return this.#random.pick([
      '__type(name: "E") { name fields { name args { name } } }',
      "schema: __schema { queryType { name } __typename }",
      '__type(name: "None") { kind: name } __schema { directives { name } }',
    ]);
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string | null {
    const type = getNamedType(field.type);
    if (this.#budget-- <= 0 || (depth >= 5 && isCompositeType(type))) return null;
    // The planner may take all memory for interfaces in interfaces.
    if (isInterfaceType(type) && this.#interfaces === 2) return null;
    // The planner takes all memory, for some ways to an interface object whose type is told.
    if (field.name.endsWith("Rated") && this.#casts > 0) return null;
    const text = this.#arguments(field);
    const alias = this.#alias(field, text);
    if (alias !== "") this.#features.add("alias");
    const selections = isCompositeType(type) ? ` ${this.#inside(type, depth + 1)}` : "";
    return `${alias}${field.name}${text}${this.#directive()}${selections}`;
  }

  #inside(type: GraphQLCompositeType, depth: number): string {
    const [interfaces, casts] = [this.#interfaces, this.#casts];
    if (isInterfaceType(type)) this.#interfaces++;
    this.#casts = 0;
    const selections = this.#selectionSet(type, depth);
    [this.#interfaces, this.#casts] = [interfaces, casts];
    return selections;
  }

  /** Equal response names must mean equal fields and arguments (GraphQL, section 5.3.2). */
  #alias(field: GraphQLField<unknown, unknown>, args: string): string {
    const random = this.#random;
    if (args !== "" && random.chance(0.7)) return `${field.name}_${hash(args) % 1000}: `;
    if (random.chance(0.1)) return `other_${field.name}: `;
    return random.chance(0.03) ? `${random.pick(ODD_ALIASES)}: ` : "";
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    const isHeavy = ({ text }: { text: string }) => this.#casts > 0 && text.includes("Rated");
    const known = this.#fragments.filter((each) => this.#overlaps(type, each.type) && !isHeavy(each));
    if (known.length > 0 && random.chance(0.15)) return `...${random.pick(known).name}${this.#directive()}`;
    const candidates = Object.values(this.#schema.getTypeMap()).filter(
      (each): each is GraphQLCompositeType =>
        isCompositeType(each) && !each.name.startsWith("__") && this.#overlaps(type, each),
    );
    const condition = random.pick(candidates);
    if (isInterfaceType(condition)) this.#features.add("fragment on an interface");
    // Which some subgraph knows as an object within another one.
    if (condition.name === "Reel" && type.name === "Media")
      this.#features.add("fragment on an interface object in another");
    if (isUnionType(condition)) this.#features.add("fragment on a union");
    if (this.#depth > 0) this.#features.add("fragment in a fragment");
    this.#depth++;
    if (isObjectType(condition)) this.#casts++;
    const text = this.#selectionSet(condition, depth + (random.chance(0.5) ? 1 : 0));
    if (isObjectType(condition)) this.#casts--;
    this.#depth--;
    if (random.chance(0.3)) {
      this.#features.add("named fragment");
      const name = `Part${this.#fragments.length}`;
      this.#fragments.push({ name, type: condition, text });
      return `...${name}${this.#directive()}`;
    }
    this.#features.add("inline fragment");
    if (condition === type && random.chance(0.5)) return `...${this.#directive()} ${text}`;
    return `... on ${condition.name}${this.#directive()} ${text}`;
  }

  #overlaps(type: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    const possible = (each: GraphQLCompositeType) =>
      isObjectType(each) ? [each] : isAbstractType(each) ? this.#schema.getPossibleTypes(each) : [];
    return possible(type).some((each) => possible(other).includes(each));
  }

  #directive(): string {
    const random = this.#random;
    if (!random.chance(0.1)) return "";
    const names = random.chance(0.1) ? ["skip", "include"] : [random.pick(["skip", "include"])];
    for (const name of names) this.#features.add(`@${name}`);
    return names.map((name) => ` @${name}(if: ${this.#variables.condition()})`).join("");
  }
}

import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  execute,
  type FieldDefinitionNode,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isUnionType,
  Kind,
  parse,
  printSchema,
  type TypeNode,
  visit,
} from "graphql";

type Fields = Readonly<Record<string, unknown>>;
/** Some of the objects of an answer. */
export type ReadonlyObjects = Pick<WeakSet<object>, "has">;

/** An operation in which nothing else goes by the name of what subgraphs require; the only one of its document. */
export interface ClearOperation {
  readonly document: DocumentNode;
  readonly variables: Fields;
}

const STRICT: Readonly<Record<string, (value: unknown) => boolean>> = {
  Int: (value) => Number.isInteger(value) && Math.abs(value as number) < 1e21,
  Float: (value) => Number.isFinite(value),
  String: (value) => typeof value === "string",
  Boolean: (value) => typeof value === "boolean",
  ID: (value) => typeof value === "string" || (Number.isInteger(value) && Math.abs(value as number) < 1e21),
};
/** Said of an object that is known by its interface alone, where its type is asked for. */
export const UNKNOWN_TYPE = "Cannot tell the type of an object.";
/** Said in place of that of an entity that a subgraph does not know: it is null, and where it may be, nothing is wrong. */
export const NO_ENTITY = "There is no such entity.";
const TYPE_NAME = "typename_";
const UNKNOWN = "__Unknown";

/**
 * Makes a response of merged data as the specification says (GraphQL, section 6.4.3): graphql-js does it, on a schema
 * whose built-in scalars take no values of other types, and whose abstract types have one more type, for objects whose
 * type is not told: they are known by their interface alone.
 */
export class Completion {
  readonly #api: GraphQLSchema;
  readonly #schema: GraphQLSchema;

  constructor(api: GraphQLSchema) {
    this.#api = api;
    this.#schema = buildASTSchema(extend(parse(printSchema(api), { noLocation: true })), {
      assumeValidSDL: true,
    });
    for (const type of Object.values(this.#schema.getTypeMap())) {
      const isValid = STRICT[type.name.replace("Strict_", "")];
      if (isScalarType(type) && type.name.startsWith("Strict_")) {
        type.serialize = (value) => {
          if (isValid?.(value) !== true) throw new Error(`Invalid value for ${type.name}.`);
          return value;
        };
      }
      if (isObjectType(type)) type.isTypeOf = (value) => isFields(value) && fits(value, type.name);
    }
  }

  /**
   * Completes the data of a clear operation, and gives its fields their names back.
   *
   * @param missing the objects of which a subgraph said that it knows no such entity
   */
  complete(
    { document, variables }: ClearOperation,
    { data, missing }: { readonly data: Fields; readonly missing: ReadonlyObjects },
  ): Completed {
    const options = { variableValues: variables };
    const result = execute({
      ...options,
      schema: this.#schema,
      document: visit(document, {
        Field: (field) =>
          field.name.value === "__typename"
            ? {
                ...field,
                alias: field.alias ?? field.name,
                name: { kind: Kind.NAME, value: TYPE_NAME },
              }
            : undefined,
      }),
      rootValue: data,
      contextValue: missing,
      fieldResolver: resolveField,
      // oxlint-disable-next-line max-params -- as graphql-js calls it
      typeResolver: (value, _context, _info, abstract) => this.#typeOf(value, abstract.name),
    });
    const ofSchema = execute({
      ...options,
      schema: this.#api,
      document: aboutSchema(document),
      rootValue: {},
    });
    if (result instanceof Promise || ofSchema instanceof Promise) throw new Error("Data is there at once.");
    // What is about the schema stays where it is.
    const completed = result.data == null ? null : { ...result.data, ...ofSchema.data };
    return { data: originalNames(completed), errors: result.errors ?? [] };
  }

  #typeOf(value: unknown, declared: string): string | undefined {
    if (!isFields(value)) return undefined;
    const told = value.__typename ?? declared;
    if (typeof told !== "string") return undefined;
    const type = this.#schema.getType(told);
    return isInterfaceType(type) || isUnionType(type) ? `${told}${UNKNOWN}` : told;
  }
}

export interface Completed {
  readonly data: unknown;
  readonly errors: readonly GraphQLError[];
}

/** The client's name for a field that ours renamed. */
export function originalName(part: string | number): string | number {
  return typeof part === "string" ? part.replace(/_asked_*$/, "") : part;
}

function originalNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(originalNames);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [originalName(name), originalNames(item)]);
  return Object.fromEntries(entries as [string, unknown][]);
}

// oxlint-disable-next-line max-params -- as graphql-js calls it
const resolveField: GraphQLFieldResolver<Fields, ReadonlyObjects> = (source, _args, missing, info) => {
  const name = String(info.path.key);
  const value = Object.hasOwn(source, name) ? source[name] : undefined;
  if (info.fieldName !== TYPE_NAME) return value;
  const told = value ?? source.__typename;
  const type = typeof told === "string" ? info.schema.getType(told) : undefined;
  if (isObjectType(type)) return type.name;
  if (info.parentType.name.endsWith(UNKNOWN)) throw new Error(missing.has(source) ? NO_ENTITY : UNKNOWN_TYPE);
  return info.parentType.name;
};

/** The part of a document that is about the schema. */
function aboutSchema(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: ({ name }) => (name.value === "__schema" || name.value === "__type" ? false : null),
  });
}

function fits(value: Fields, type: string): boolean {
  const told = value.__typename;
  return told == null || told === type || type.endsWith(UNKNOWN) || !("__typename" in value) || isRoot(type);
}

function isRoot(type: string): boolean {
  return type === "Query" || type === "Mutation";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function extend(document: DocumentNode): DocumentNode {
  const definitions = document.definitions.flatMap((definition): DefinitionNode[] => {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      const name = definition.name.value + UNKNOWN;
      const types = [...(definition.types ?? []), named(name)];
      return [{ ...definition, types }, unknownType(name, [], [])];
    }
    const isType =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    if (!isType) return [definition];
    const fields = [...(definition.fields ?? []).map(strict), TYPE_NAME_FIELD];
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) return [{ ...definition, fields }];
    const interfaces = [
      definition.name.value,
      ...(definition.interfaces ?? []).map((each) => each.name.value),
    ];
    return [{ ...definition, fields }, unknownType(definition.name.value + UNKNOWN, interfaces, fields)];
  });
  const scalars = Object.keys(STRICT).map((name) => ({
    kind: Kind.SCALAR_TYPE_DEFINITION as const,
    name: { kind: Kind.NAME as const, value: `Strict_${name}` },
  }));
  return { kind: Kind.DOCUMENT, definitions: [...definitions, ...scalars] };
}

function unknownType(name: string, interfaces: readonly string[], fields: readonly FieldDefinitionNode[]) {
  return {
    kind: Kind.OBJECT_TYPE_DEFINITION as const,
    name: { kind: Kind.NAME as const, value: name },
    interfaces: interfaces.map(named),
    fields: fields.length === 0 ? [TYPE_NAME_FIELD] : fields,
  };
}

function named(name: string) {
  return { kind: Kind.NAMED_TYPE as const, name: { kind: Kind.NAME as const, value: name } };
}

const TYPE_NAME_FIELD: FieldDefinitionNode = {
  kind: Kind.FIELD_DEFINITION,
  name: { kind: Kind.NAME, value: TYPE_NAME },
  type: { kind: Kind.NON_NULL_TYPE, type: named("Strict_String") },
};

function strict(field: FieldDefinitionNode): FieldDefinitionNode {
  return { ...field, type: strictType(field.type) };
}

function strictType(type: TypeNode): TypeNode {
  if (type.kind === Kind.NAMED_TYPE)
    return Object.hasOwn(STRICT, type.name.value) ? named(`Strict_${type.name.value}`) : type;
  if (type.kind === Kind.LIST_TYPE) return { ...type, type: strictType(type.type) };
  const inner = strictType(type.type);
  return inner.kind === Kind.NON_NULL_TYPE ? inner : { ...type, type: inner };
}

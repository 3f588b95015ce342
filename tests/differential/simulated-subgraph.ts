import {
  buildSchema,
  execute,
  getNamedType,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isScalarType,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
} from "graphql";
import { hash } from "./random.ts";
import type { SubgraphText } from "./supergraph.ts";

const DIRECTIVES = `
directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @override(from: String!) on FIELD_DEFINITION
directive @external on FIELD_DEFINITION | OBJECT
directive @shareable repeatable on FIELD_DEFINITION | OBJECT
directive @interfaceObject on OBJECT
scalar _Any
`;

/** Decides what goes wrong inside of a subgraph, by what it is about. */
export interface ResolverFaults {
  readonly fails: (about: string) => boolean;
  readonly isMissing: (entity: string) => boolean;
}

export interface GraphQLBody {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** A subgraph whose every value follows from the entity, the field and its arguments: all subgraphs tell the same. */
export interface SimulatedSubgraph {
  answer(body: GraphQLBody, faults: ResolverFaults): ExecutionResult;
}

interface Source {
  readonly __typename: string;
  readonly id: string;
  readonly representation?: Readonly<Record<string, unknown>>;
}

export function simulateSubgraph(subgraph: SubgraphText): SimulatedSubgraph {
  const entities = [...subgraph.sdl.matchAll(/\btype (\w+)[^{]*@key/g)].map((match) => match[1] ?? "");
  const queryType = /\btype Query\b/.test(subgraph.sdl) ? "extend type Query" : "type Query";
  const schema = buildSchema(
    `${DIRECTIVES}${subgraph.sdl}
    union _Entity = ${entities.join(" | ")}
    ${queryType} { _entities(representations: [_Any!]!): [_Entity]! }`,
    { assumeValidSDL: true },
  );
  const documents = new Map<string, { document: DocumentNode; errors: readonly GraphQLError[] }>();
  return {
    answer({ query, variables, operationName }, faults) {
      let known = documents.get(query);
      if (known === undefined) {
        const document = parse(query);
        known = { document, errors: validate(schema, document) };
        documents.set(query, known);
      }
      if (known.errors.length > 0) return { errors: known.errors };
      const result = execute({
        schema,
        document: known.document,
        variableValues: variables,
        operationName,
        contextValue: { subgraph, faults },
        fieldResolver: resolveField,
        typeResolver: (value: Source) => value.__typename,
      });
      if (result instanceof Promise) throw new Error("A simulated subgraph answers at once.");
      return result;
    },
  };
}

interface Context {
  readonly subgraph: SubgraphText;
  readonly faults: ResolverFaults;
}

// oxlint-disable-next-line max-params -- as graphql-js calls it
const resolveField: NonNullable<Parameters<typeof execute>[0]["fieldResolver"]> = (
  source: Source | undefined,
  args: Record<string, unknown>,
  { subgraph, faults }: Context,
  info,
) => {
  const parent = info.parentType.name;
  if (info.fieldName === "_entities") {
    return (args.representations as Record<string, unknown>[]).map((representation) => {
      const entity = resolveReference(representation, info.schema);
      return faults.isMissing(`${subgraph.name} ${entity.__typename} ${entity.id}`) ? null : entity;
    });
  }
  const id = source?.id ?? "";
  if (info.fieldName === "id") return parent === "Org" ? `org-${id}` : id;
  if (info.fieldName === "sku") return `sku-${id}`;
  if (info.fieldName === "org") return { __typename: "Org", id };
  const required = subgraph.requires.get(`${parent}.${info.fieldName}`) ?? [];
  const inputs = required.map((name) => {
    if (source?.representation === undefined || !(name in source.representation)) {
      throw new GraphQLError(`No ${name} to compute ${parent}.${info.fieldName} of.`);
    }
    return source.representation[name];
  });
  const about = `${parent} ${id} ${info.fieldName} ${JSON.stringify(args)} ${JSON.stringify(inputs)}`;
  if (faults.fails(`${subgraph.name} ${about}`)) {
    const code = hash(about) % 2 === 0 ? { extensions: { code: "BROKEN", detail: 1 } } : {};
    throw new GraphQLError(`Broken: ${parent}.${info.fieldName}`, code);
  }
  return valueOf(info.returnType, about, info.schema);
};

function resolveReference(representation: Record<string, unknown>, schema: GraphQLSchema): Source {
  const { __typename, id, sku, org } = representation;
  const text =
    typeof id === "string"
      ? id
      : typeof sku === "string"
        ? sku.replace("sku-", "")
        : String((org as { id?: unknown } | undefined)?.id).replace("org-", "");
  const name = String(__typename);
  const type = schema.getType(name);
  return { __typename: isAbstractType(type) ? mediaType(text) : name, id: text, representation };
}

function mediaType(id: string): string {
  return hash(`media ${id}`) % 2 === 0 ? "Book" : "Film";
}

function valueOf(type: GraphQLOutputType, about: string, schema: GraphQLSchema): unknown {
  const number = hash(about);
  if (isNonNullType(type)) return presentValue(type.ofType, about, schema);
  return number % 7 === 0 ? null : presentValue(type, about, schema);
}

function presentValue(type: GraphQLOutputType, about: string, schema: GraphQLSchema): unknown {
  const number = hash(`value ${about}`);
  if (isListType(type)) {
    return Array.from({ length: number % 4 }, (_, index) =>
      valueOf(type.ofType, `${about}/${index}`, schema),
    );
  }
  if (isEnumType(type)) return number % 2 === 0 ? "RED" : "GREEN";
  if (isScalarType(type)) {
    switch (type.name) {
      case "Int":
        return number % 1000;
      case "Float":
        return (number % 1000) / 8;
      case "Boolean":
        return number % 2 === 0;
      case "ID":
        return String(number % 50);
      case "String":
        return `text ${number % 50} "quoted" \\ \u2028 é`;
      default:
        return [{ any: number % 10, nested: [null, { deep: true }] }, "any", number, false][number % 4];
    }
  }
  const named = getNamedType(type);
  const id = String(number % 4);
  if (named.name === "V" || named.name === "W") return { __typename: named.name, id: about };
  if (named.name === "Media" && isAbstractType(named)) return { __typename: mediaType(id), id };
  if (!isAbstractType(named)) return { __typename: named.name, id };
  const possible = schema.getPossibleTypes(named);
  return { __typename: possible[number % possible.length]?.name ?? "", id };
}

import {
  buildSchema,
  type DocumentNode,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { readKeys } from "./subgraph-keys.ts";
import { SubgraphRun } from "./subgraph-run.ts";
import type {
  GraphQLBody,
  KnownOperation,
  OperationState,
  SubgraphAnswer,
  SubgraphParts,
} from "./subgraph-types.ts";
import type { SubgraphText } from "./supergraph.ts";
import type { World } from "./world.ts";

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

/** A subgraph that tells its part of the world. */
export interface SimulatedSubgraph {
  readonly name: string;
  answer(body: GraphQLBody, state: OperationState): SubgraphAnswer;
}

export function simulateSubgraph({ name, sdl }: SubgraphText, world: World): SimulatedSubgraph {
  const entities = [...sdl.matchAll(/\btype (\w+)[^{]*@key/g)].map((match) => match[1] ?? "");
  const queryType = /\btype Query\b/.test(sdl) ? "extend type Query" : "type Query";
  const ofEntities =
    entities.length === 0
      ? `\n${queryType} { _service: String }`
      : `
         union _Entity = ${[...new Set(entities)].join(" | ")}
         ${queryType} { _entities(representations: [_Any!]!): [_Entity]! }`;
  const schema = buildSchema(`${DIRECTIVES}${sdl}${ofEntities}`, { assumeValidSDL: true });
  const parts: SubgraphParts = { name, schema, world, keys: readKeys(sdl) };
  const known = new Map<string, KnownOperation | readonly GraphQLError[]>();
  return {
    name,
    answer({ query, variables, operationName }, state) {
      let operation = known.get(query);
      if (operation === undefined) known.set(query, (operation = readOperation(schema, query)));
      if (!("operation" in operation)) {
        state.complaints.push({ subgraph: name, what: `invalid operation: ${operation.join(" ")}`, query });
        return { errors: operation.map(({ message }) => ({ message })) };
      }
      if ((operation.operation.name?.value ?? undefined) !== operationName)
        state.complaints.push({ subgraph: name, what: `operation name ${operationName}`, query });
      const { coerced, errors } = getVariableValues(
        schema,
        operation.operation.variableDefinitions ?? [],
        variables ?? {},
      );
      if (errors !== undefined) {
        state.complaints.push({ subgraph: name, what: `invalid variables: ${errors.join(" ")}`, query });
        return { errors: errors.map(({ message }) => ({ message })) };
      }
      return new SubgraphRun(parts, state, { ...operation, variables: coerced }).run();
    },
  };
}

function readOperation(schema: GraphQLSchema, query: string): KnownOperation | readonly GraphQLError[] {
  const document: DocumentNode = parse(query, { noLocation: true });
  const errors = validate(schema, document);
  if (errors.length > 0) return errors;
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const fragments = document.definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  return {
    operation: operation as OperationDefinitionNode,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
  };
}

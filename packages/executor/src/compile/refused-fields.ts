import {
  type ASTVisitor,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  getArgumentValues,
  getDirectiveValues,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** Marks a field that cannot be run with a request's variables; never sent, as it is not planned. */
const MARK = "tributary__refused";

type Variables = Readonly<Record<string, unknown>>;

/**
 * The variables of an operation that may be null, and stand where null is not taken: an argument with a default takes
 * such a variable (GraphQL, section 5.8.5), and fails while running where null is given for it (section 6.4.1).
 */
export function refusableVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
): readonly string[] {
  const nullable = new Set(
    variableDefinitions
      .filter(({ type }) => type.kind !== Kind.NON_NULL_TYPE)
      .map(({ variable }) => variable.name.value),
  );
  const found = new Set<string>();
  if (nullable.size === 0) return [];
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Variable({ name }) {
        if (nullable.has(name.value) && isNonNullType(typeInfo.getInputType())) found.add(name.value);
      },
    }),
  );
  return [...found];
}

/**
 * Marks the fields of an operation whose arguments cannot be had with a request's variables.
 *
 * @param source a document, and the name of one of its operations; null for its only one
 * @param variables coerced
 * @throws GraphQLError with the code BAD_USER_INPUT where a condition of `@skip` or `@include` cannot be had
 */
export function markRefused(
  schema: GraphQLSchema,
  { document, operationName }: { readonly document: DocumentNode; readonly operationName: string | null },
  variables: Variables,
): DocumentNode {
  const typeInfo = new TypeInfo(schema);
  const check = (node: FieldNode): FieldNode | undefined => {
    const definition = typeInfo.getFieldDef();
    const reason = definition == null ? undefined : refusalOf(definition, node, variables);
    if (reason === undefined) return undefined;
    return { ...node, directives: [...(node.directives ?? []), markWith(reason)] };
  };
  const visitor: ASTVisitor = {
    OperationDefinition: ({ name }) =>
      operationName === null || name?.value === operationName ? undefined : false,
    Directive(node) {
      const definition = [GraphQLSkipDirective, GraphQLIncludeDirective].find(
        ({ name }) => name === node.name.value,
      );
      if (definition === undefined) return;
      try {
        getDirectiveValues(definition, { directives: [node] }, variables);
      } catch (error) {
        throw badUserInput((error as Error).message);
      }
    },
    Field: { leave: check },
  };
  return visit(document, visitWithTypeInfo(typeInfo, visitor));
}

/** The document without its marked fields, for the planner: in their place, something that costs nothing. */
export function withoutRefused(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: (node) =>
      refusalReason(node) === undefined
        ? undefined
        : { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } },
  });
}

/** Why a field was marked; undefined where it was not. */
export function refusalReason({ directives = [] }: FieldNode): string | undefined {
  const mark = directives.find(({ name }) => name.value === MARK);
  const value = mark?.arguments?.[0]?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** An error that is the client's, as of a value that an argument does not take. */
export function badUserInput(message: string, path?: readonly (string | number)[]): GraphQLError {
  return new GraphQLError(message, { path, extensions: { code: "BAD_USER_INPUT" } });
}

function refusalOf(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): string | undefined {
  try {
    getArgumentValues(definition, node, variables);
    return undefined;
  } catch (error) {
    if (error instanceof GraphQLError) return error.message;
    throw error;
  }
}

function markWith(reason: string): DirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: MARK },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: "reason" },
        value: { kind: Kind.STRING, value: reason },
      },
    ],
  };
}

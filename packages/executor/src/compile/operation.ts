import {
  type DirectiveNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from "graphql";

/** One operation of a document, with the fragments of the document. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** The client's names for fields that go by another one here. */
  readonly responseNames: ReadonlyMap<string, string>;
}

/** Values of the variables that conditions name. */
export type Conditions = Readonly<Record<string, boolean>>;

/** Names of the variables in the operation's `@skip` and `@include`, sorted. */
export function conditionVariables({ operation, fragments }: Operation): string[] {
  const names = new Set<string>();
  for (const definition of [operation, ...Object.values(fragments)]) {
    visit(definition, {
      Directive(node) {
        if (node.name.value !== "skip" && node.name.value !== "include") return;
        for (const { value } of node.arguments ?? []) {
          if (value.kind === Kind.VARIABLE) names.add(value.name.value);
        }
      },
    });
  }
  return [...names].sort();
}

/**
 * Values of condition variables: what the request gives, else the variable's default.
 *
 * @throws Error where a variable has no boolean value; validation lets no such request come so far
 */
export function readConditions(
  { operation }: Operation,
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
): Conditions {
  return Object.fromEntries(
    names.map((name) => {
      const definition = operation.variableDefinitions?.find((each) => each.variable.name.value === name);
      const byDefault = definition?.defaultValue;
      const value =
        (Object.hasOwn(variables, name) ? variables[name] : undefined) ??
        (byDefault?.kind === Kind.BOOLEAN ? byDefault.value : undefined);
      if (typeof value !== "boolean") throw new Error(`No boolean value for variable $${name}.`);
      return [name, value];
    }),
  );
}

/** Whether a selection is taken (GraphQL, sections 3.13.1 and 3.13.2). */
export function isIncluded(selection: SelectionNode, conditions: Conditions): boolean {
  return (selection.directives ?? []).every((directive) => {
    const name = directive.name.value;
    if (name === "skip") return !ifArgument(directive, conditions);
    if (name === "include") return ifArgument(directive, conditions);
    return true;
  });
}

function ifArgument(directive: DirectiveNode, conditions: Conditions): boolean {
  const value = directive.arguments?.find((each) => each.name.value === "if")?.value;
  if (value?.kind === Kind.BOOLEAN) return value.value;
  return value?.kind === Kind.VARIABLE && conditions[value.name.value] === true;
}

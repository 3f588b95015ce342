import type { FetchNode } from "@apollo/query-planner";
import { parse, print, stripIgnoredCharacters, type VariableDefinitionNode, visit } from "graphql";

/**
 * A fetch whose operation declares all variables that it uses, as a subgraph would refuse it otherwise. The planner forgets
 * some that are named in fragments on unions alone.
 *
 * @param definitions those of the client's operation
 */
export function withDeclaredVariables(
  node: FetchNode,
  definitions: readonly VariableDefinitionNode[] = [],
): FetchNode {
  const { operation, operationDocumentNode: _, variableUsages = [], ...others } = node;
  const isForgotten = (name: string) => !variableUsages.includes(name);
  // Most operations have no other names, and need not be read for that.
  if (![...operation.matchAll(/\$(\w+)/g)].some(([, name = ""]) => isForgotten(name) && name !== OWN))
    return node;
  const document = parse(operation, { noLocation: true });
  const used = new Set<string>();
  visit(document, { Variable: ({ name }) => void used.add(name.value) });
  const forgotten = definitions.filter(
    ({ variable: { name } }) => used.has(name.value) && isForgotten(name.value),
  );
  if (forgotten.length === 0) return node;
  const whole = visit(document, {
    OperationDefinition: (definition) => ({
      ...definition,
      variableDefinitions: [...(definition.variableDefinitions ?? []), ...forgotten],
    }),
  });
  return {
    ...others,
    variableUsages: [...variableUsages, ...forgotten.map(({ variable }) => variable.name.value)],
    operation: stripIgnoredCharacters(print(whole)),
  };
}

/** What fetches of entities send beside the client's variables (the subgraph specification, `_entities`). */
const OWN = "representations";

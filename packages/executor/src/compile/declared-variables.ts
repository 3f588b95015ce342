import type { FetchNode } from "@apollo/query-planner";
import { parse, print, stripIgnoredCharacters, type VariableDefinitionNode, visit } from "graphql";

/**
 * A fetch whose operation declares all variables that it uses and no others, as a subgraph would refuse it otherwise. The
 * planner forgets some that are named in fragments on unions alone, and declares some of fragments that it leaves out.
 *
 * @param definitions those of the client's operation
 */
export function withDeclaredVariables(
  node: FetchNode,
  definitions: readonly VariableDefinitionNode[] = [],
): FetchNode {
  const { operation, operationDocumentNode: _, variableUsages = [], ...others } = node;
  const isForgotten = (name: string) => !variableUsages.includes(name);
  const counts = new Map<string, number>();
  for (const [, name = ""] of operation.matchAll(/\$(\w+)/g)) counts.set(name, (counts.get(name) ?? 0) + 1);
  // Most operations have no other names, and each again behind its definition, and need not be read for that.
  if (![...counts].some(([name, count]) => name !== OWN && (isForgotten(name) || count === 1))) return node;
  const document = parse(operation, { noLocation: true });
  const used = new Set<string>();
  visit(document, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  const isUsed = (name: string) => used.has(name);
  const forgotten = definitions.filter(
    ({ variable: { name } }) => isUsed(name.value) && isForgotten(name.value),
  );
  if (forgotten.length === 0 && variableUsages.every(isUsed)) return node;
  const whole = visit(document, {
    OperationDefinition: (definition) => ({
      ...definition,
      variableDefinitions: [
        ...(definition.variableDefinitions ?? []).filter(({ variable }) => isUsed(variable.name.value)),
        ...forgotten,
      ],
    }),
  });
  return {
    ...others,
    variableUsages: [
      ...variableUsages.filter(isUsed),
      ...forgotten.map(({ variable }) => variable.name.value),
    ],
    operation: stripIgnoredCharacters(print(whole)),
  };
}

/** What fetches of entities send beside the client's variables (the subgraph specification, `_entities`). */
const OWN = "representations";

import { type DocumentNode, Kind, visit } from "graphql";

/** An operation's document whose variables get in nobody's way. */
export interface VariableNaming {
  readonly document: DocumentNode;
  /** The names that variables go by now, by the client's; only those that changed. */
  readonly variableNames: ReadonlyMap<string, string>;
}

/** What fetches of entities send beside the client's variables (the subgraph specification, `_entities`). */
const RESERVED = new Set(["representations"]);

/** Gives other names to a client's variables that go by a name of the executor's own. */
export function renameVariables(document: DocumentNode): VariableNaming {
  const names = new Set<string>();
  visit(document, { Variable: ({ name }) => void names.add(name.value) });
  const variableNames = new Map<string, string>();
  for (const name of RESERVED) {
    if (!names.has(name)) continue;
    let other = `${name}_`;
    while (names.has(other)) other += "_";
    variableNames.set(name, other);
  }
  if (variableNames.size === 0) return { document, variableNames };
  const renamed = visit(document, {
    Variable(node) {
      const value = variableNames.get(node.name.value);
      return value === undefined ? undefined : { ...node, name: { kind: Kind.NAME, value } };
    },
  });
  return { document: renamed, variableNames };
}

/** A request's variables under the names that they go by in the plan. */
export function planVariables(
  variables: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  if (names.size === 0) return variables;
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [names.get(name) ?? name, value]),
  );
}

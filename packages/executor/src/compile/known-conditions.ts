import type { FetchNode } from "@apollo/query-planner";
import { Kind, parse, print, stripIgnoredCharacters, visit } from "graphql";
import type { Conditions } from "./operation.ts";

/**
 * A fetch whose operation declares all variables that it uses. The planner forgets some that are named in conditions
 * alone, in a fragment on a union; a subgraph would refuse the operation. These conditions get their values.
 */
export function withKnownConditions(node: FetchNode, conditions: Conditions): FetchNode {
  const { operation, operationDocumentNode: _, ...others } = node;
  const { variableUsages = [] } = node;
  const used = [...operation.matchAll(/@(?:skip|include)\(if: ?\$(\w+)\)/g)].map(([, name]) => name ?? "");
  const forgotten = new Set(used.filter((name) => !variableUsages.includes(name)));
  if (forgotten.size === 0) return node;
  const document = visit(parse(operation, { noLocation: true }), {
    Directive(directive) {
      const value = directive.arguments?.[0]?.value;
      const name = value?.kind === Kind.VARIABLE ? value.name.value : "";
      const known = conditions[name];
      if (!forgotten.has(name) || known === undefined) return undefined;
      const argument = { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: "if" } } as const;
      return { ...directive, arguments: [{ ...argument, value: { kind: Kind.BOOLEAN, value: known } }] };
    },
  });
  return { ...others, operation: stripIgnoredCharacters(print(document)) };
}

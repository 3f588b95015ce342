import { type FieldNode, Kind, type SelectionSetNode } from "graphql";
import { type Conditions, isIncluded, type Operation } from "./operation.ts";
import { typeApplies } from "./types.ts";

/** Everything that an operation selects under one response name of one object. */
export interface CollectedField {
  readonly responseName: string;
  readonly nodes: FieldNode[];
  /** The type that the first of the fields was selected on: the object's, or that of a fragment around the field. */
  readonly parentType: string;
}

export interface CollectOptions {
  readonly operation: Operation;
  readonly conditions: Conditions;
  /** The object's type. */
  readonly typename: string;
}

/** Collects the fields of an object in the order of the response (GraphQL, section 6.3.2, CollectFields). */
export function collectFields(
  selectionSets: readonly SelectionSetNode[],
  options: CollectOptions,
): CollectedField[] {
  const into: Collecting = { ...options, collected: new Map(), visited: new Set() };
  for (const selectionSet of selectionSets) collect(selectionSet, options.typename, into);
  return [...into.collected.values()];
}

interface Collecting extends CollectOptions {
  readonly collected: Map<string, CollectedField>;
  /** Names of the fragments whose fields are collected: one that is spread again adds nothing. */
  readonly visited: Set<string>;
}

function collect(selectionSet: SelectionSetNode, parentType: string, into: Collecting): void {
  const { operation, conditions, typename, collected, visited } = into;
  for (const selection of selectionSet.selections) {
    if (!isIncluded(selection, conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      const responseName = selection.alias?.value ?? selection.name.value;
      const known = collected.get(responseName);
      if (known === undefined) collected.set(responseName, { responseName, nodes: [selection], parentType });
      else known.nodes.push(selection);
      continue;
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      if (visited.has(selection.name.value)) continue;
      visited.add(selection.name.value);
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : operation.fragments[selection.name.value];
    if (fragment === undefined) continue;
    const condition = fragment.typeCondition?.name.value;
    if (condition !== undefined && !typeApplies(operation.schema, condition, typename)) continue;
    collect(fragment.selectionSet, condition ?? parentType, into);
  }
}

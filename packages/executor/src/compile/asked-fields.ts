import type { FetchNode } from "@apollo/query-planner";
import { type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from "graphql";
import type { PlanPath } from "../run/places.ts";

/** What the fetches of a plan ask for below one place, by response name and whatever the types of objects. */
export interface AskedFields {
  readonly byName: Map<string, AskedFields>;
}

/** Puts together what fetches ask for, by the response names of the plan. */
export function askedFields(
  fetches: Iterable<{ readonly node: FetchNode; readonly path: PlanPath }>,
): AskedFields {
  const root: AskedFields = { byName: new Map() };
  for (const { node, path } of fetches) {
    let at = root;
    for (const step of path) if (step !== "@") at = below(at, step);
    const { definitions } = parse(node.operation, { noLocation: true });
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const each of definitions)
      if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
    const operation = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
    const [first] = operation?.selectionSet.selections ?? [];
    const ofEntities =
      node.requires !== undefined && first?.kind === Kind.FIELD ? first.selectionSet : undefined;
    const selectionSet = ofEntities ?? operation?.selectionSet;
    if (selectionSet !== undefined) add(selectionSet, at, { fragments, renamed: renamedKeys(node) });
  }
  return root;
}

interface Adding {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly renamed: ReadonlyMap<string, string>;
}

function add({ selections }: SelectionSetNode, at: AskedFields, { fragments, renamed }: Adding): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const names = [name, ...(renamed.has(name) ? [renamed.get(name) as string] : [])];
      for (const each of names) {
        const fields = below(at, each);
        if (selection.selectionSet !== undefined) add(selection.selectionSet, fields, { fragments, renamed });
      }
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (fragment !== undefined) add(fragment.selectionSet, at, { fragments, renamed });
  }
}

function below(at: AskedFields, name: string): AskedFields {
  let fields = at.byName.get(name);
  if (fields === undefined) at.byName.set(name, (fields = { byName: new Map() }));
  return fields;
}

/** The names that an answer's fields are given when it has come, by those that they are asked for under. */
export function renamedKeys({ outputRewrites = [] }: FetchNode): ReadonlyMap<string, string> {
  const names = outputRewrites.flatMap((rewrite): [string, string][] => {
    const last = rewrite.path.at(-1);
    return rewrite.kind === "KeyRenamer" && last !== undefined ? [[last, rewrite.renameKeyTo]] : [];
  });
  return new Map(names);
}

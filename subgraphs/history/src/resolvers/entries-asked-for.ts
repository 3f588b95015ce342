import {
  getArgumentValues,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from "graphql";
import type { EntryArguments } from "../data/history-reader.ts";

/**
 * Looks ahead for the page of entries that a history is asked for, so that it is read with the head.
 *
 * @returns null where none is, or several that differ
 */
export function entriesAskedFor(info: GraphQLResolveInfo): EntryArguments | null {
  const type = info.schema.getType("CustomerHistory");
  const field = isObjectType(type) ? type.getFields()["entries"] : undefined;
  if (!field) return null;
  const found = new Map<string, EntryArguments>();
  for (const node of entryFields(info)) {
    try {
      const args = getArgumentValues(field, node, info.variableValues) as unknown as EntryArguments;
      found.set(JSON.stringify(args), args);
    } catch {
      return null; // the field itself tells what is wrong
    }
  }
  return found.size === 1 ? [...found.values()][0]! : null;
}

function entryFields({ fieldNodes, fragments }: GraphQLResolveInfo): FieldNode[] {
  const found: FieldNode[] = [];
  const seen = new Set<string>();
  const visit = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value === "entries") found.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        visit(fragments[selection.name.value]?.selectionSet);
      }
    }
  };
  for (const { selectionSet } of fieldNodes) visit(selectionSet);
  return found;
}

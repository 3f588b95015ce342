import type { FetchNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import { renamedKeys } from "../compile/asked-fields.ts";
import { conditionOf, type Fragments, fragmentsOf } from "../compile/plain-mutations.ts";
import { conditionPart } from "./guards.ts";

/** The operation of a fetch as a syntax tree. */
export interface FetchDocument {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  /** What is asked for of the entities; of the root where the fetch is of none. */
  readonly selectionSet: SelectionSetNode;
  /** The response names that fields have in the merged data, by those that they are asked for under, where these differ. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** A field that a fetch asks for of entities. */
export interface EntityField {
  readonly field: FieldNode;
  /** The type of the entities that have the field; empty where the fetch does not say. */
  readonly type: string;
  /** Conditions of the field and of the fragments around it; null where it is never asked for. */
  readonly conditions: readonly string[] | null;
  /** The fragments around it, from the outside in, as inline ones. */
  readonly around: readonly InlineFragmentNode[];
}

/**
 * Reads the operation of a fetch.
 *
 * @throws Error for a text without an operation, which no plan has
 */
export function readFetch(fetch: FetchNode): FetchDocument {
  const { operation: text, requires } = fetch;
  const document: DocumentNode = parse(text, { noLocation: true });
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error(`No operation in a plan: ${text}`);
  const [first] = operation.selectionSet.selections;
  const entities = requires !== undefined && first?.kind === Kind.FIELD ? first.selectionSet : undefined;
  const selectionSet = entities ?? operation.selectionSet;
  return { operation, fragments: fragmentsOf(document), selectionSet, renamed: renamedKeys(fetch) };
}

/** The name that a field's value has in the merged data. */
export function mergedName({ alias, name }: FieldNode, { renamed }: Pick<FetchDocument, "renamed">): string {
  const { value } = alias ?? name;
  return renamed.get(value) ?? value;
}

/** The parts of a guard that a selection's own directives are; null where it is never taken. */
export function conditionParts(selection: SelectionNode): readonly string[] | null {
  const condition = conditionOf(selection);
  return condition === null
    ? null
    : [...condition].map(([variable, value]) => conditionPart(variable, value));
}

/** The fields that a fetch asks for of entities, at the first level, also in fragments. */
export function entityFields({ selectionSet, fragments }: FetchDocument): readonly EntityField[] {
  const fields: EntityField[] = [];
  const collect = ({ selections }: SelectionSetNode, within: Omit<EntityField, "field">) => {
    for (const selection of selections) {
      const own = conditionParts(selection);
      const conditions = own === null || within.conditions === null ? null : [...within.conditions, ...own];
      if (selection.kind === Kind.FIELD) {
        fields.push({ ...within, conditions, field: selection });
        continue;
      }
      const fragment = asInline(selection, fragments);
      if (fragment === null) continue;
      const type = fragment.typeCondition?.name.value ?? within.type;
      collect(fragment.selectionSet, { type, conditions, around: [...within.around, fragment] });
    }
  };
  collect(selectionSet, { type: "", conditions: [], around: [] });
  return fields;
}

function asInline(
  selection: Exclude<SelectionNode, FieldNode>,
  fragments: Fragments,
): InlineFragmentNode | null {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
  const fragment: FragmentDefinitionNode | undefined = fragments.get(selection.name.value);
  if (fragment === undefined) return null;
  const { typeCondition, selectionSet } = fragment;
  const { directives = [] } = selection;
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet };
}

/** The fetch with some of its fields alone. */
export function withEntityFields(
  fetch: FetchNode,
  { operation, fragments }: FetchDocument,
  fields: readonly EntityField[],
): FetchNode {
  const { operationDocumentNode: _, ...others } = fetch;
  const [entities] = operation.selectionSet.selections;
  if (entities?.kind !== Kind.FIELD) return fetch;
  const selectionSet = { kind: Kind.SELECTION_SET, selections: nest(fields, 0) } as const;
  const used = usedBy({ ...entities, selectionSet }, fragments);
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    used.variables.has(variable.name.value),
  );
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        ...operation,
        ...(variableDefinitions === undefined ? {} : { variableDefinitions }),
        selectionSet: { kind: Kind.SELECTION_SET, selections: [{ ...entities, selectionSet }] },
      },
      ...used.fragments,
    ],
  };
  const variableUsages = fetch.variableUsages?.filter((name) => used.variables.has(name));
  return {
    ...others,
    ...(variableUsages === undefined ? {} : { variableUsages }),
    operation: stripIgnoredCharacters(print(document)),
  };
}

/** Writes fields with the fragments around them again; those that are in one fragment, and beside each other, in one. */
function nest(fields: readonly EntityField[], depth: number): SelectionNode[] {
  const selections: SelectionNode[] = [];
  for (let index = 0; index < fields.length;) {
    const { around, field } = fields[index] as EntityField;
    const fragment = around[depth];
    if (fragment === undefined) {
      selections.push(field);
      index++;
      continue;
    }
    const next = fields.findIndex((each, place) => place > index && each.around[depth] !== fragment);
    const end = next === -1 ? fields.length : next;
    const inner = nest(fields.slice(index, end), depth + 1);
    selections.push({ ...fragment, selectionSet: { kind: Kind.SELECTION_SET, selections: inner } });
    index = end;
  }
  return selections;
}

/** The variables and the named fragments that a field makes use of. */
function usedBy(node: FieldNode, fragments: Fragments) {
  const variables = new Set<string>();
  const used = new Set<FragmentDefinitionNode>();
  const use = (within: FieldNode | FragmentDefinitionNode) =>
    visit(within, {
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(fragment)) return;
        used.add(fragment);
        use(fragment);
      },
    });
  use(node);
  return { variables, fragments: [...used] };
}

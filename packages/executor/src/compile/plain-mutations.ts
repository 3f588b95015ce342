import {
  type ASTNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  visit,
} from "graphql";

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/** By variable, the value that it has to have: all of them. */
export type Condition = ReadonlyMap<string, boolean>;

/** A field of a mutation, without its own `@skip` and `@include`. */
interface PlainField {
  readonly field: FieldNode;
  readonly condition: Condition;
}

/** More of them, or of fragments with them, is no operation that anybody has written. */
const FIELDS_LIMIT = 1_000;

/** Comparisons of conditions with each other, of which there can be very many for few fields. */
const CASES_LIMIT = 20_000;

/**
 * Writes the fields of a mutation side by side, without fragments, and each so that it runs once at most. They are to be
 * run in order, and one with the same response name as another is the same, at the first of the two that is not skipped
 * (GraphQL, sections 6.2.2 and 6.3.2). The planner puts what comes of a named fragment first, and what is asked for in
 * two places it runs twice.
 * A mutation stays as it is where it has too many fields, or where conditions leave open in too many ways which of equal
 * fields is first.
 */
export function withPlainMutations(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  let changed = false;
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    if (definition.operation !== OperationTypeNode.MUTATION) return definition;
    const { selections } = definition.selectionSet;
    const names = selections.map((each) => (each.kind === Kind.FIELD ? responseNameOf(each) : null));
    if (!names.includes(null) && new Set(names).size === names.length) return definition;
    const fields = eachOnce(plainFields(selections, fragments));
    if (fields === null) return definition;
    changed = true;
    return { ...definition, selectionSet: { ...definition.selectionSet, selections: fields.map(written) } };
  });
  return changed ? withoutUnused({ ...document, definitions }) : document;
}

/** The fields of selections, those in fragments too; null where there are too many, as fragments in fragments can be. */
function plainFields(
  selections: readonly SelectionNode[],
  fragments: Fragments,
): readonly PlainField[] | null {
  const fields: PlainField[] = [];
  let left = FIELDS_LIMIT;
  const collect = (within: readonly SelectionNode[], around: Condition): void => {
    for (const selection of within) {
      if (left-- <= 0) return;
      const condition = both(around, conditionOf(selection));
      if (condition === null) continue;
      if (selection.kind === Kind.FIELD) {
        const directives = selection.directives?.filter((each) => !isCondition(each)) ?? [];
        fields.push({ field: { ...selection, directives }, condition });
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment !== undefined) collect(fragment.selectionSet.selections, condition);
    }
  };
  collect(selections, new Map());
  return left < 0 ? null : fields;
}

/**
 * Joins fields with one response name. Each that is left runs where none of the others with its name does; null for too
 * many.
 */
function eachOnce(fields: readonly PlainField[] | null): readonly PlainField[] | null {
  if (fields === null) return null;
  let left = CASES_LIMIT;
  const joined: PlainField[] = [];
  for (const { field, condition } of fields) {
    // In which cases none of those before has run.
    let open: readonly Condition[] = [condition];
    for (const [index, first] of joined.entries()) {
      if (responseNameOf(first.field) !== responseNameOf(field)) continue;
      joined[index] = join(first, { field, condition });
      left -= open.length;
      if (left < 0) return null;
      open = open.flatMap((each) => without(each, first.condition));
    }
    joined.push(...open.map((each) => ({ field, condition: each })));
    if (joined.length > FIELDS_LIMIT) return null;
  }
  return joined;
}

/** A field with what another one selects besides. */
function join(first: PlainField, other: PlainField): PlainField {
  if (first.field.selectionSet === undefined || other.field.selectionSet === undefined) return first;
  const together = both(first.condition, other.condition);
  if (together === null) return first;
  const further = new Map([...together].filter(([name]) => !first.condition.has(name)));
  const more = underCondition(other.field.selectionSet.selections, further);
  const selections = [...first.field.selectionSet.selections, ...more];
  return { ...first, field: { ...first.field, selectionSet: { ...first.field.selectionSet, selections } } };
}

/** Where a condition holds and another one does not, as cases of which one holds at a time. */
function without(condition: Condition, other: Condition): Condition[] {
  if (both(condition, other) === null) return [condition];
  const cases: Condition[] = [];
  let before: Condition | null = condition;
  for (const [name, value] of other) {
    const failing: Condition | null = before === null ? null : both(before, new Map([[name, !value]]));
    if (failing !== null) cases.push(failing);
    before = before === null ? null : both(before, new Map([[name, value]]));
  }
  return cases;
}

/** Where two conditions hold; null where they never do. */
function both(one: Condition, other: Condition | null): Condition | null {
  if (other === null) return null;
  for (const [name, value] of other) if (one.get(name) === !value) return null;
  return new Map([...one, ...other]);
}

/** When a selection is taken, by its own directives; null for never. */
export function conditionOf({ directives = [] }: SelectionNode): Condition | null {
  let condition: Condition | null = new Map();
  for (const { name, arguments: given = [] } of directives) {
    if (!isCondition({ name })) continue;
    const wanted = name.value === "include";
    const value = given.find((each) => each.name.value === "if")?.value;
    if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return null;
    if (value?.kind === Kind.VARIABLE && condition !== null)
      condition = both(condition, new Map([[value.name.value, wanted]]));
  }
  return condition;
}

function written({ field, condition }: PlainField): SelectionNode {
  const [first, ...others] = condition;
  if (first === undefined) return field;
  const conditional = { ...field, directives: [...(field.directives ?? []), directiveOf(...first)] };
  const [selection = conditional] = underCondition([conditional], new Map(others));
  return selection;
}

/** Selections under a condition, each part of which is a fragment around them: see planDocument on conditions of fields. */
function underCondition(
  selections: readonly SelectionNode[],
  condition: Condition,
): readonly SelectionNode[] {
  return [...condition].reduce<readonly SelectionNode[]>((within, [name, value]) => {
    const selectionSet = { kind: Kind.SELECTION_SET, selections: within } as const;
    return [{ kind: Kind.INLINE_FRAGMENT, directives: [directiveOf(name, value)], selectionSet }];
  }, selections);
}

function isCondition({ name }: Pick<DirectiveNode, "name">): boolean {
  return name.value === "skip" || name.value === "include";
}

function directiveOf(variable: string, value: boolean): DirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: value ? "include" : "skip" },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: "if" },
        value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
      },
    ],
  };
}

function responseNameOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

/** The planner brings fragments back that it finds in a document. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  const used = new Set<string>();
  const use = (node: ASTNode) =>
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(name.value)) return;
        used.add(name.value);
        use(fragment);
      },
    });
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) use(definition);
  }
  const isUsed = (definition: DefinitionNode) =>
    definition.kind !== Kind.FRAGMENT_DEFINITION || used.has(definition.name.value);
  return { ...document, definitions: document.definitions.filter(isUsed) };
}

import type { FetchNode } from "@apollo/query-planner";
import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNullableType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { parse } from "graphql";
import { type Conditions, isIncluded } from "../compile/operation.ts";
import type { AnswerShape, Shape, ShapeField } from "./shape.ts";
import { Unsupported } from "./unsupported.ts";

export interface ShapeSource {
  readonly schema: GraphQLSchema;
  readonly conditions: Conditions;
  /** Gives numbers to shapes. */
  readonly nextId: () => number;
}

interface Reading extends ShapeSource {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly shapes: Shape[];
}

/** Fields of one response name, as different fragments select them. */
interface Selected {
  readonly key: string;
  readonly name: string;
  readonly types: GraphQLOutputType[];
  readonly selectionSets: SelectionSetNode[];
}

const MAX_LISTS = 3;

/** How many shapes of objects one answer may have. Code for more takes longer to generate than it saves. */
const MAX_SHAPES = 1_000;

/**
 * Reads off a fetch's operation what its answers look like.
 *
 * @param id of the answer
 * @throws Unsupported
 */
export function readShapes(node: FetchNode, id: number, source: ShapeSource): AnswerShape {
  const document = parse(node.operation, { noLocation: true });
  const operation = document.definitions.find(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  );
  if (operation === undefined) throw new Unsupported("no operation");
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  const reading: Reading = { ...source, fragments, shapes: [] };
  const isOfEntities = node.requires !== undefined;
  const root = isOfEntities ? readEntities(operation, reading) : readRoot(operation, reading);
  return { id, root, shapes: reading.shapes, isOfEntities };
}

function readRoot(operation: OperationDefinitionNode, reading: Reading): Shape {
  const type = reading.schema.getRootType(operation.operation);
  if (type == null) throw new Unsupported("no root type");
  return readShape([[type.name, operation.selectionSet]], [type.name], reading);
}

function readEntities(operation: OperationDefinitionNode, reading: Reading): Shape {
  const [entities, ...others] = operation.selectionSet.selections;
  if (entities?.kind !== Kind.FIELD || entities.name.value !== "_entities" || others.length > 0)
    throw new Unsupported("more than entities");
  if (entities.selectionSet === undefined || entities.alias !== undefined)
    throw new Unsupported("entities of another name");
  const types = new Set<string>();
  for (const selection of entities.selectionSet.selections) {
    const condition =
      selection.kind === Kind.INLINE_FRAGMENT ? selection.typeCondition?.name.value : undefined;
    if (condition === undefined) throw new Unsupported("entities of no type");
    for (const name of possibleTypes(reading.schema, condition)) types.add(name);
  }
  return readShape([["_Entity", entities.selectionSet]], [...types], reading);
}

/** Names of the object types of a type. An interface object is of none that its subgraph could tell. */
function possibleTypes(schema: GraphQLSchema, name: string): readonly string[] {
  const type = schema.getType(name);
  if (isObjectType(type)) return [name];
  if (!isAbstractType(type)) throw new Unsupported(`no type ${name}`);
  const possible = schema.getPossibleTypes(type).map((each) => each.name);
  if (possible.length === 0 || possible.length > 64) throw new Unsupported(`${possible.length} types`);
  return possible;
}

function readShape(
  selectionSets: readonly (readonly [parentType: string, SelectionSetNode])[],
  types: readonly string[],
  reading: Reading,
): Shape {
  if (reading.shapes.length >= MAX_SHAPES) throw new Unsupported("very many objects");
  const selected = new Map<string, Selected>();
  const into: Collecting = { selected, reading, visited: new Set() };
  for (const [parentType, selectionSet] of selectionSets) collect(selectionSet, parentType, into);
  const fields: ShapeField[] = [];
  const byKey = new Map<string, ShapeField>();
  const shape: Shape = {
    id: reading.nextId(),
    fields,
    byKey,
    types,
    tellsType: selected.get("__typename")?.name === "__typename",
    isNode: true,
    attachments: new Set(),
    places: new Set(),
    outputs: new Set(),
  };
  reading.shapes.push(shape);
  for (const each of selected.values()) {
    const field = readField(each, fields.length, reading);
    fields.push(field);
    byKey.set(field.key, field);
  }
  return shape;
}

interface Collecting {
  readonly selected: Map<string, Selected>;
  readonly reading: Reading;
  /** Names of the fragments whose fields are selected: one that is spread again adds nothing. */
  readonly visited: Set<string>;
}

function collect(selectionSet: SelectionSetNode, parentType: string, into: Collecting): void {
  const { reading, visited } = into;
  for (const selection of selectionSet.selections) {
    if (!isIncluded(selection, reading.conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      select(selection, parentType, into);
      continue;
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      if (visited.has(selection.name.value)) continue;
      visited.add(selection.name.value);
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : reading.fragments.get(selection.name.value);
    if (fragment === undefined) throw new Unsupported("an unknown fragment");
    collect(fragment.selectionSet, fragment.typeCondition?.name.value ?? parentType, into);
  }
}

function select(node: FieldNode, parentType: string, { selected, reading }: Collecting): void {
  const key = node.alias?.value ?? node.name.value;
  const name = node.name.value;
  const known = selected.get(key);
  const each = known ?? { key, name, types: [], selectionSets: [] };
  if ((each.name === "__typename") !== (name === "__typename"))
    throw new Unsupported("a name for two things");
  if (name !== "__typename") {
    const parent = reading.schema.getType(parentType);
    const type = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name]?.type : undefined;
    if (type === undefined) throw new Unsupported(`no field ${parentType}.${name}`);
    each.types.push(type);
  }
  if (node.selectionSet !== undefined) each.selectionSets.push(node.selectionSet);
  if (known === undefined) selected.set(key, each);
}

function readField(
  { key, name, types, selectionSets }: Selected,
  index: number,
  reading: Reading,
): ShapeField {
  if (!/^[A-Za-z_][A-Za-z_0-9]*$/.test(key)) throw new Unsupported(`the name ${key}`);
  if (name === "__typename")
    return { key, index, kind: "typename", nonNull: [true], leaf: null, shape: null };
  const [first, ...others] = types.map(unwrap);
  if (first === undefined) throw new Unsupported(`no type of ${key}`);
  const nonNull = first.nonNull.map((_, depth) =>
    [first, ...others].some((each) => each.nonNull[depth] === true),
  );
  if (others.some((each) => each.nonNull.length !== nonNull.length))
    throw new Unsupported("lists and no lists");
  if (nonNull.length > MAX_LISTS + 1) throw new Unsupported("lists of lists of lists");
  if (isLeafType(first.named)) {
    if (others.some((each) => each.named !== first.named)) throw new Unsupported("leaves of two types");
    return { key, index, kind: "leaf", nonNull, leaf: first.named, shape: null };
  }
  const names = [first, ...others].map((each) => each.named.name);
  const possible = new Set(names.flatMap((each) => possibleTypes(reading.schema, each)));
  // The type that a field was selected on settles what its own selections are fields of.
  const parents = selectionSets.map((set, at) => [names[at] ?? "", set] as const);
  return {
    key,
    index,
    kind: "object",
    nonNull,
    leaf: null,
    shape: readShape(parents, [...possible], reading),
  };
}

function unwrap(type: GraphQLOutputType) {
  const nonNull: boolean[] = [];
  let current = type;
  for (;;) {
    nonNull.push(isNonNullType(current));
    const inner: Exclude<GraphQLOutputType, { kind: never }> = getNullableType(current);
    if (!isListType(inner)) return { nonNull, named: inner as { readonly name: string } };
    current = inner.ofType as GraphQLOutputType;
  }
}

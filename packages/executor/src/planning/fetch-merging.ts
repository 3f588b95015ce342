import {
  baseType,
  type CompositeType,
  type Directive,
  federationMetadata,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  MapWithCachedArrays,
  type OperationElement,
  operationFromDocument,
  type OperationPath,
  SelectionSet,
  Supergraph,
} from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse } from "graphql";

/** A fetch that the planner has not settled yet, as far as it is of interest here. */
interface FetchGroup {
  /** What it asks for. */
  readonly selection: SelectionSet;
  /** What it sends of entities. */
  readonly inputs: { selectionSets(): readonly SelectionSet[] } | undefined;
  parents(): readonly { readonly group: FetchGroup }[];
  children(): readonly FetchGroup[];
  isDescendantOf(other: FetchGroup): boolean;
  /** Has this fetch come after another one. */
  addParent(parent: { readonly group: FetchGroup }): void;
  /** Has a fetch wait no longer for this one. */
  removeChild(child: FetchGroup): void;
  canMergeChildIn(child: FetchGroup): boolean;
  mergeGrandChildIn(grandChild: FetchGroup): void;
  mergeInWithAllDependencies(other: FetchGroup): void;
  /** Whether it waits for another one of which it needs nothing. */
  isChildOfWithArtificialDependency(parent: FetchGroup): boolean;
}

/** Where in an operation and in a fetch the planner is. */
interface GroupPath {
  /** From the operation's root on. */
  readonly fullPath: OperationPath;
  /** The same place in a fetch that begins there, within these fragments. */
  forNewKeyFetch(fragments: OperationPath): GroupPath;
}

/** What is changed of the planner. */
interface Prototypes {
  readonly fetchGroup: FetchGroup;
  readonly groupPath: GroupPath;
}

const METHODS = [
  "parents",
  "children",
  "isDescendantOf",
  "addParent",
  "removeChild",
  "canMergeChildIn",
  "mergeGrandChildIn",
  "mergeInWithAllDependencies",
  "isChildOfWithArtificialDependency",
] as const satisfies (keyof FetchGroup)[];

let isDone = false;

/**
 * Keeps planners from putting fields into a fetch that cannot tell them yet.
 *
 * For a field with `@requires`, `@apollo/query-planner` 2.14 plans the fetches that bring what the field needs, and then
 * joins them with the fetch that comes before them, where that one is of the same subgraph. It forgets six things there,
 * most of which show where what is needed has `@requires` itself:
 *
 * - A fetch may wait for others as well: for those that bring what its own fields need. It is joined all the same, and
 *   its fields are asked for without that. Here it is joined only where it waits for nothing else.
 * - The subgraph before may know a field by name alone (`@external`). It is asked for it all the same. Here a selection
 *   does not go where one of its fields is external.
 * - Of two fetches that send the same, the later one may wait for the earlier one. What they become would wait for itself,
 *   and planning would never end. Here it waits for nothing but others.
 * - Of two fetches that send the same, the earlier one takes over what the later one asks for, and what comes after that. What
 *   comes after the later one may need what comes between the two, and no longer waits for it. Here it goes on waiting.
 * - A fetch may go to an earlier place, as it sends nothing that is brought by the fetches just before it. What comes after it
 *   may need them, and no longer waits for them. Here it goes on waiting.
 * - A field may be in a fragment with a condition. Where a fetch of its own is made for it in the subgraph in which the object
 *   is, that one asks for it always, and sends what was not asked for. Here it has the conditions of all that is around it.
 *
 * Changes classes of the planner, so all planners of a process; from the second call on it does nothing.
 *
 * @throws Error where the planner has no such classes, as it would be with another version
 */
export function correctFetchMerging(): void {
  if (isDone) return;
  const { fetchGroup, groupPath } = findPrototypes();
  const { canMergeChildIn } = fetchGroup;
  fetchGroup.canMergeChildIn = function canMerge(child) {
    return child.parents().length === 1 && canMergeChildIn.call(this, child);
  };
  const { mergeInWithAllDependencies } = fetchGroup;
  fetchGroup.mergeInWithAllDependencies = function merge(other) {
    // Where something comes between them, it would have to be before and after what they become.
    if (this.isDescendantOf(other)) return;
    const between = other.parents().flatMap(({ group }) => (group.isDescendantOf(this) ? [group] : []));
    const after = [...other.children()];
    this.removeChild(other);
    mergeInWithAllDependencies.call(this, other);
    for (const each of after) for (const group of between) each.addParent({ group });
  };
  const { mergeGrandChildIn, isChildOfWithArtificialDependency } = fetchGroup;
  fetchGroup.mergeGrandChildIn = function merge(grandChild) {
    const passed = [...ancestorsOf(grandChild)].filter((each) => each !== this && !this.isDescendantOf(each));
    const after = descendantsOf(grandChild);
    mergeGrandChildIn.call(this, grandChild);
    for (const each of after) for (const group of passed) if (brings(group, each)) each.addParent({ group });
  };
  fetchGroup.isChildOfWithArtificialDependency = function isArtificial(parent) {
    if (!isChildOfWithArtificialDependency.call(this, parent)) return false;
    return ![...descendantsOf(this)].some((each) => brings(parent, each));
  };
  const { forNewKeyFetch } = groupPath;
  groupPath.forNewKeyFetch = function forNewFetch(fragments) {
    return forNewKeyFetch.call(this, withConditionsOf(this.fullPath, fragments));
  };
  const { canRebaseOn } = SelectionSet.prototype;
  SelectionSet.prototype.canRebaseOn = function canRebase(parentType) {
    return canRebaseOn.call(this, parentType) && !selectsExternal(this, parentType);
  };
  isDone = true;
}

/** Fragments at the beginning of a fetch, with the conditions on the way to it that they lack. */
function withConditionsOf(path: OperationPath, fragments: OperationPath): OperationPath {
  const known = new Set(fragments.flatMap(conditionsOf).map(String));
  const missing = path.flatMap(conditionsOf).filter((each) => !known.has(String(each)));
  const [first] = fragments;
  if (missing.length === 0 || first?.kind !== "FragmentElement") return fragments;
  const byText = new Map(missing.map((each) => [String(each), each]));
  const around = [...byText.values()].map((each) => first.withUpdatedDirectives([each]));
  return [...around, ...fragments];
}

function conditionsOf({ appliedDirectives }: OperationElement): readonly Directive<OperationElement>[] {
  return appliedDirectives.filter(({ name }) => name === "skip" || name === "include");
}

function ancestorsOf(group: FetchGroup): ReadonlySet<FetchGroup> {
  return reachedFrom(group, (each) => each.parents().map((parent) => parent.group));
}

function descendantsOf(group: FetchGroup): ReadonlySet<FetchGroup> {
  return reachedFrom(group, (each) => each.children());
}

function reachedFrom(
  group: FetchGroup,
  next: (from: FetchGroup) => readonly FetchGroup[],
): ReadonlySet<FetchGroup> {
  const reached = new Set(next(group));
  for (const each of reached) for (const further of next(each)) reached.add(further);
  return reached;
}

/** Whether a fetch may ask for something that another one sends: by names alone, as waiting for too much is not wrong. */
function brings(group: FetchGroup, needing: FetchGroup): boolean {
  const needed = new Set(needing.inputs?.selectionSets().flatMap(fieldNames));
  return fieldNames(group.selection).some((name) => needed.has(name));
}

/** The names of all fields of a selection, apart from `__typename`. */
function fieldNames(selectionSet: SelectionSet): string[] {
  return selectionSet.selections().flatMap((selection) => {
    const inner = selection.selectionSet === undefined ? [] : fieldNames(selection.selectionSet);
    if (selection.kind === "FragmentSelection" || selection.element.name === "__typename") return inner;
    return [selection.element.name, ...inner];
  });
}

/** Whether a selection has fields that the schema, which is that of a subgraph, has as `@external`. */
function selectsExternal(selectionSet: SelectionSet, parentType: CompositeType): boolean {
  const schema = parentType.schema();
  const metadata = federationMetadata(schema);
  return selectionSet.selections().some((selection) => {
    if (selection.kind === "FragmentSelection") {
      const { typeCondition } = selection.element;
      const type = typeCondition === undefined ? parentType : schema.type(typeCondition.name);
      return type !== undefined && isCompositeType(type) && selectsExternal(selection.selectionSet, type);
    }
    const { name } = selection.element;
    const field =
      isObjectType(parentType) || isInterfaceType(parentType) ? parentType.field(name) : undefined;
    if (field === undefined) return false;
    if (metadata?.isFieldExternal(field) === true) return true;
    const type = field.type === undefined ? undefined : baseType(field.type);
    return (
      selection.selectionSet !== undefined &&
      type !== undefined &&
      isCompositeType(type) &&
      selectsExternal(selection.selectionSet, type)
    );
  });
}

/** The least of a supergraph. */
const SUPERGRAPH = `
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query
}
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
scalar link__Import
scalar join__FieldSet
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "") }
type Query @join__type(graph: A) { one: Int }`;

/**
 * The prototypes of what fetches are while they are planned, and of what says where in them the planner is. It does not give
 * these classes away; but it puts the first fetch of each plan into a map, whose class is known, and what it is to look at
 * next on a list.
 */
function findPrototypes(): Prototypes {
  const supergraph = Supergraph.build(SUPERGRAPH, { validateSupergraph: false });
  const operation = operationFromDocument(supergraph.apiSchema(), parse("{ one }"));
  const planner = new QueryPlanner(supergraph);
  const groups = new Set<FetchGroup>();
  const paths = new Set<GroupPath>();
  const { set } = MapWithCachedArrays.prototype;
  const { push } = Array.prototype;
  MapWithCachedArrays.prototype.set = function noting(key, value) {
    const prototype = Object.getPrototypeOf(value) as unknown;
    if (isFetchGroup(prototype)) groups.add(prototype);
    return set.call(this, key, value);
  };
  // oxlint-disable-next-line no-extend-native -- for one plan
  Array.prototype.push = function noting(this: unknown[], ...items: unknown[]) {
    for (const item of items) {
      const path = (item as { path?: unknown } | null | undefined)?.path;
      if (isGroupPath(path)) paths.add(Object.getPrototypeOf(path) as GroupPath);
    }
    return push.apply(this, items);
  };
  try {
    planner.buildQueryPlan(operation);
  } finally {
    MapWithCachedArrays.prototype.set = set;
    // oxlint-disable-next-line no-extend-native -- as it was
    Array.prototype.push = push;
  }
  const [fetchGroup] = groups;
  const [groupPath] = paths;
  if (fetchGroup === undefined)
    throw new Error(`This version of @apollo/query-planner has no FetchGroup with ${METHODS.join(", ")}.`);
  if (groupPath === undefined)
    throw new Error("This version of @apollo/query-planner has no GroupPath with fullPath, forNewKeyFetch.");
  return { fetchGroup, groupPath };
}

function isFetchGroup(prototype: unknown): prototype is FetchGroup {
  return METHODS.every((name) => typeof (prototype as Partial<FetchGroup> | null)?.[name] === "function");
}

function isGroupPath(path: unknown): path is GroupPath {
  const found = path as Partial<GroupPath> | null | undefined;
  return Array.isArray(found?.fullPath) && typeof found.forNewKeyFetch === "function";
}

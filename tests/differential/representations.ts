import { isInterfaceType, Kind, type SelectionSetNode } from "graphql";
import { noteKey } from "./features.ts";
import type { EntityKey } from "./subgraph-keys.ts";
import type { OperationState, Source, SubgraphParts } from "./subgraph-types.ts";
import { canonical, idOf, type World } from "./world.ts";

type Representation = Readonly<Record<string, unknown>>;

/**
 * Finds the entity that a representation is about.
 *
 * @returns the entity, null where there is none, or what is wrong with the representation
 */
export function resolveReference(
  representation: Representation,
  parts: SubgraphParts,
  state: OperationState,
): Source | null | string {
  const { name, world, keys, schema } = parts;
  const typename = String(representation.__typename);
  const known = keys.keys.get(typename) ?? [];
  const index = known.findIndex(
    (key) => key.resolvable && fieldsOf(key).every((field) => field in representation),
  );
  const key = known[index];
  if (key === undefined) {
    const what = `${name} has no resolvable key of ${typename} for ${JSON.stringify(representation)}`;
    state.complaints.push({ subgraph: name, what });
    return what;
  }
  noteKey(known, index, state);
  const fields = fieldsOf(key);
  const id = idOf(Object.fromEntries(fields.map((field) => [field, representation[field]])));
  if (id === undefined) return null;
  const type = isInterfaceType(schema.getType(typename)) ? world.typeOf(typename, id) : typename;
  if (type !== typename) state.features.add("interface object's type");
  const source: Source = { type, id, representation };
  for (const what of findLies(source, typename, { ...parts, before: state.log.join(" ") }))
    state.complaints.push({ subgraph: name, what });
  return state.faults.isMissing(`${name} ${world.familyOf(type)} ${id}`) ? null : source;
}

/**
 * What a computed field is computed of.
 *
 * @returns undefined where the field is not computed, or where what it needs was provided; a text where it is missing
 */
export function inputsOf(
  source: Source,
  coordinate: string,
  { keys, world }: SubgraphParts,
): Record<string, unknown> | undefined | string {
  const required = keys.requires.get(coordinate);
  if (required === undefined) return undefined;
  const { representation } = source;
  if (representation === undefined)
    return source.isProvided === true ? undefined : `Nothing to compute ${coordinate} of.`;
  const missing = namesOf(required).find((name) => !(name in representation));
  return missing === undefined
    ? project(representation, required, world)
    : `No ${missing} to compute ${coordinate} of.`;
}

/** What in a representation is not so, or should not be there. */
function findLies(
  source: Source,
  typename: string,
  { name, world, keys, before }: SubgraphParts & { readonly before: string },
): string[] {
  const lies: string[] = [];
  // One field may be needed with other arguments by each of several.
  const known = new Map<string, SelectionSetNode[]>();
  const learn = (selectionSet: SelectionSetNode) => {
    for (const field of namesOf(selectionSet)) known.set(field, [...(known.get(field) ?? []), selectionSet]);
  };
  for (const key of keys.keys.get(typename) ?? []) learn(key.selectionSet);
  for (const [coordinate, required] of keys.requires)
    if (coordinate.startsWith(`${typename}.`) || coordinate.startsWith(`${source.type}.`)) learn(required);
  for (const [field, value] of Object.entries(source.representation ?? {})) {
    if (field === "__typename") continue;
    const selectionSets = known.get(field);
    if (selectionSets === undefined) {
      lies.push(`${name} was sent ${typename}.${field}, which nothing needs`);
      continue;
    }
    const wrong = selectionSets.map((selectionSet) => {
      const told = canonical(project({ [field]: value }, selectionSet, world)[field] ?? null);
      const truth = canonical(world.select(source, selectionSet, before)[field] ?? null);
      return told === truth ? null : `${told}, not ${truth}`;
    });
    if (!wrong.includes(null))
      lies.push(`${name} was told that ${typename}.${field} of ${source.id} is ${wrong.join(" or ")}`);
  }
  return lies;
}

function fieldsOf(key: EntityKey): string[] {
  return namesOf(key.selectionSet);
}

/** The names of the fields that a set of fields begins with; there are no fragments in those here. */
export function namesOf({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : []));
}

/** The part of a representation that a selection is about. */
function project(
  object: Representation,
  { selections }: SelectionSetNode,
  world: World,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      if (name === "__typename" || !(name in object)) continue;
      result[name] = within(object[name], selection.selectionSet, world);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value ?? "";
      if (world.applies(condition, String(object.__typename)))
        Object.assign(result, project(object, selection.selectionSet, world));
    }
  }
  return result;
}

function within(value: unknown, selectionSet: SelectionSetNode | undefined, world: World): unknown {
  if (selectionSet === undefined || typeof value !== "object" || value === null) return value ?? null;
  if (Array.isArray(value)) return value.map((item) => within(item, selectionSet, world));
  return project(value as Representation, selectionSet, world);
}

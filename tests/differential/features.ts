import { type FieldNode, Kind } from "graphql";
import type { EntityKey } from "./subgraph-keys.ts";
import type { OperationState, Source, SubgraphParts } from "./subgraph-types.ts";

interface Running {
  readonly parts: SubgraphParts;
  readonly state: OperationState;
}

/** Notes what of Federation a field makes use of, and complains where its subgraph cannot tell it. */
export function noteField(source: Source, coordinate: string, { parts, state }: Running): void {
  const directives = parts.keys.directives.get(coordinate);
  for (const name of ["shareable", "override"])
    if (directives?.has(name) === true) state.features.add(`@${name}`);
  if (directives?.has("external") !== true) return;
  if (source.isProvided === true) return void state.features.add("@provides");
  state.complaints.push({ subgraph: parts.name, what: `${coordinate} is external` });
}

/** Notes what a field needs that is computed. */
export function noteRequires(source: Source, coordinate: string, { parts, state }: Running): void {
  const { features } = state;
  features.add("@requires");
  for (const selection of parts.keys.requires.get(coordinate)?.selections ?? []) {
    if (selection.kind !== Kind.FIELD) continue;
    if ((selection.arguments ?? []).length > 0) features.add("@requires with arguments");
    if (parts.world.requires(source.type, selection.name.value) !== null) features.add("nested @requires");
    if (/(Sum|Avg|Max)[A-Z]$/.test(innerName(selection) ?? ""))
      features.add("nested @requires of a reference");
  }
}

/** What is required first of what a field gives. */
function innerName({ selectionSet }: FieldNode): string | undefined {
  const [inner] = selectionSet?.selections ?? [];
  return inner?.kind === Kind.FIELD ? inner.name.value : undefined;
}

/**
 * Notes by which key an entity was asked for.
 *
 * @param index of the key among those of the type
 */
export function noteKey(keys: readonly EntityKey[], index: number, { features }: OperationState): void {
  const selections = keys[index]?.selectionSet.selections ?? [];
  if (selections.length > 1) features.add("composite key");
  if (selections.some((selection) => selection.kind === Kind.FIELD && selection.selectionSet !== undefined))
    features.add("nested key");
  if (index > 0) features.add("another key");
  if (keys.some(({ resolvable }) => !resolvable)) features.add("beside a non-resolvable key");
}

import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { fragmentsOf } from "../compile/plain-mutations.ts";
import { argumentsOf } from "../compile/requirements.ts";

/** A field with its arguments as text: `pic(w: 1)`. */
export function wantedOf(field: FieldNode): string {
  return `${field.name.value}(${argumentsOf(field)})`;
}

export function responseNameOf(field: FieldNode): string {
  return (field.alias ?? field.name).value;
}

/** Selections of one place of an operation: a path of response names, whatever the types on the way. */
interface Selected {
  readonly selectionSet: SelectionSetNode;
  readonly type: GraphQLNamedType | undefined;
}

/** More selections are not looked at; a fragment counts in each place where it is. */
const SELECTIONS_LIMIT = 20_000;

/**
 * Finds response names that stand for several fields of the same objects at one place, and these fields: `pic` in
 * `{ found { ... on M { kids { pic(w: 1) } } ... on A { kids { pic(w: 2) } } } }`. Only the types above tell which of them
 * is meant, and a plan has one place for `found.kids`.
 *
 * Takes no longer than in proportion to the document: where there is more to look at, all response names that stand for
 * several fields anywhere are given.
 *
 * @param asked what the document asks for under each response name; see `wantedOf`
 */
export function ambiguousNames(
  document: DocumentNode,
  schema: GraphQLSchema,
  asked: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const several = new Map([...asked].filter(([, wanted]) => wanted.size > 1));
  if (several.size === 0) return several;
  const search = new Search(document, schema, several);
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const isDone = operations.every(({ operation, selectionSet }) =>
    search.look([{ selectionSet, type: schema.getRootType(operation) ?? undefined }]),
  );
  return isDone ? search.found : several;
}

class Search {
  readonly found = new Map<string, Set<string>>();
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReturnType<typeof fragmentsOf>;
  readonly #several: ReadonlyMap<string, unknown>;
  #left = SELECTIONS_LIMIT;

  constructor(document: DocumentNode, schema: GraphQLSchema, several: ReadonlyMap<string, unknown>) {
    this.#schema = schema;
    this.#fragments = fragmentsOf(document);
    this.#several = several;
  }

  /** Looks at a place, and at those within it. False where that is too much. */
  look(place: readonly Selected[]): boolean {
    const fields = new Map<string, { readonly field: FieldNode; readonly parent: Selected["type"] }[]>();
    const seen = new Set<string>();
    const collect = ({ selectionSet, type }: Selected): boolean =>
      selectionSet.selections.every((selection) => {
        if (this.#left-- <= 0) return false;
        if (selection.kind === Kind.FIELD) {
          const name = responseNameOf(selection);
          const known = fields.get(name);
          if (known === undefined) fields.set(name, [{ field: selection, parent: type }]);
          else known.push({ field: selection, parent: type });
          return true;
        }
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          if (seen.has(selection.name.value)) return true;
          seen.add(selection.name.value);
        }
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
        if (fragment === undefined) return true;
        const condition = fragment.typeCondition?.name.value;
        return collect({
          selectionSet: fragment.selectionSet,
          type: condition === undefined ? type : this.#schema.getType(condition),
        });
      });
    if (!place.every(collect)) return false;
    for (const [name, each] of fields) {
      if (this.#several.has(name)) this.#compare(name, each);
      const inner = each.flatMap(({ field, parent }): Selected[] =>
        field.selectionSet === undefined
          ? []
          : [{ selectionSet: field.selectionSet, type: fieldType(parent, field.name.value) }],
      );
      if (inner.length > 0 && !this.look(inner)) return false;
    }
    return true;
  }

  /** Takes note of fields with one response name that may be asked for of the same objects. */
  #compare(
    name: string,
    fields: readonly { readonly field: FieldNode; readonly parent: Selected["type"] }[],
  ): void {
    const byType = new Map<string, string>();
    const seen = new Set<string>();
    for (const { field, parent } of fields) {
      const wanted = wantedOf(field);
      if (parent === undefined || seen.has(`${parent.name} ${wanted}`)) continue;
      seen.add(`${parent.name} ${wanted}`);
      for (const type of this.#objectTypes(parent)) {
        const other = byType.get(type);
        if (other === undefined) byType.set(type, wanted);
        else if (other !== wanted)
          this.found.set(name, (this.found.get(name) ?? new Set()).add(other).add(wanted));
      }
    }
  }

  #objectTypes(type: GraphQLNamedType): readonly string[] {
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type).map((each) => each.name) : [type.name];
  }
}

function fieldType(parent: GraphQLNamedType | undefined, name: string): GraphQLNamedType | undefined {
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  const type = field === undefined ? undefined : getNamedType(field.type);
  return isCompositeType(type) ? type : undefined;
}

import type { FetchNode } from "@apollo/query-planner";
import {
  getNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { typeApplies } from "../compile/types.ts";
import { conditionParts, type FetchDocument, mergedName } from "./fetch-document.ts";
import {
  addGuard,
  ALWAYS,
  bothOf,
  type Guard,
  isCondition,
  splitPart,
  typePart,
  withParts,
} from "./guards.ts";
import type { FieldTree } from "./subgraph-inputs.ts";

/** What is known of the objects at one place. */
interface Place {
  /** When there are any. */
  readonly objects: Guard[];
  /** When they have a field, by its response name. */
  readonly fields: Map<string, Guard[]>;
}

interface Bringing {
  readonly guard: Guard;
  /** The type of the objects; undefined where that is not known. */
  readonly type: string | undefined;
  readonly document: FetchDocument;
}

/**
 * Which fields objects have in the course of a plan, and under which conditions. A place of a plan is a path of response
 * names, where objects can be for several selections: each has what was asked for around it, for its type and its
 * conditions.
 */
export class AvailableFields {
  readonly #schema: GraphQLSchema;
  readonly #before: AvailableFields | null;
  readonly #places = new Map<string, Place>();

  /**
   * @param schema of all subgraphs together
   * @param before what is there already; what is added here is not added there
   */
  constructor(schema: GraphQLSchema, before: AvailableFields | null = null) {
    this.#schema = schema;
    this.#before = before;
  }

  /** What is there from here on, apart from what others add meanwhile. */
  branch(): AvailableFields {
    return new AvailableFields(this.#schema, this);
  }

  /** Takes over what was added in a branch. */
  join(branch: AvailableFields): void {
    for (const [key, { objects, fields }] of branch.#places) {
      const place = this.#own(key);
      for (const guard of objects) addGuard(place.objects, guard);
      for (const [name, guards] of fields) for (const guard of guards) addField(place, name, guard);
    }
  }

  /**
   * The names of needed fields that some of the entities at a place may not have.
   *
   * @param guard what is so of those entities that the fields are needed of
   */
  lacking(
    place: readonly string[],
    needs: FieldTree,
    { type, guard }: { readonly type: string; readonly guard: Guard },
  ): string[] {
    const key = keyOf(place);
    const found = this.#objects(key);
    const cases = (found.length === 0 ? [ALWAYS] : found).flatMap((each) =>
      this.#objectTypes(type).map((name) => withParts(each, [...guard, typePart(key, name)])),
    );
    const possible = cases.filter((each) => this.#isPossible(each));
    return [...needs].flatMap(([name, inner]) =>
      possible.every((each) => this.#has(place, [name, inner], each)) ? [] : [name],
    );
  }

  /** Takes note of what a fetch brings. */
  bring(
    fetch: FetchNode,
    place: readonly string[],
    document: FetchDocument & { readonly guard: Guard },
  ): void {
    const { selectionSet, guard } = document;
    if (fetch.requires === undefined) {
      const type =
        place.length > 0 ? undefined : this.#schema.getRootType(document.operation.operation)?.name;
      this.#bring(selectionSet, place, { guard, type, document });
      return;
    }
    const ways: Guard[] = [];
    for (const required of fetch.requires) {
      const selections = required.kind === "InlineFragment" ? required.selections : [required];
      const names = selections.flatMap((each) => (each.kind === "Field" ? [each.alias ?? each.name] : []));
      const sendable = names
        .filter((name) => name !== "__typename")
        .map((name) => this.#guards(keyOf(place), name))
        .filter((guards) => guards.length > 0)
        .reduce<readonly Guard[]>(bothOf, [guard]);
      for (const way of sendable) addGuard(ways, way);
    }
    for (const way of ways) this.#bring(selectionSet, place, { guard: way, type: undefined, document });
  }

  #bring({ selections }: SelectionSetNode, place: readonly string[], bringing: Bringing): void {
    const key = keyOf(place);
    for (const selection of selections) {
      const conditions = conditionParts(selection);
      if (conditions === null) continue;
      const guard = withParts(bringing.guard, conditions);
      const { type } = bringing;
      if (selection.kind === Kind.FIELD) {
        const name = mergedName(selection, bringing.document);
        addField(this.#own(key), name, guard);
        if (selection.selectionSet === undefined) continue;
        const inner = [...place, name];
        addGuard(this.#own(keyOf(inner)).objects, guard);
        const fieldType = type === undefined ? undefined : this.#fieldType(type, selection.name.value);
        this.#bring(selection.selectionSet, inner, { ...bringing, guard, type: fieldType });
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : bringing.document.fragments.get(selection.name.value);
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value;
      const isTyped =
        condition === undefined || (type !== undefined && typeApplies(this.#schema, condition, type));
      const within = isTyped ? guard : withParts(guard, [typePart(key, condition)]);
      this.#bring(fragment.selectionSet, place, { ...bringing, guard: within, type: condition ?? type });
    }
  }

  #has(place: readonly string[], [name, inner]: readonly [string, FieldTree], guard: Guard): boolean {
    if (!this.#guards(keyOf(place), name).some((each) => this.#follows(each, guard, null))) return false;
    if (inner.size === 0) return true;
    const within = [...place, name];
    const key = keyOf(within);
    const cases = this.#objects(key)
      .map((each) => withParts(guard, each))
      .filter((each) => this.#isPossible(each));
    // Which types a field is needed of, there, is not looked at.
    return cases.every((each) =>
      [...inner].every(
        ([field, fields]) =>
          this.#guards(key, field).some((known) => this.#follows(known, each, key)) &&
          (fields.size === 0 || this.#has(within, [field, fields], each)),
      ),
    );
  }

  /** Whether a guard is met where another one is, whatever the types at one place. */
  #follows(guard: Guard, from: Guard, anyTypeAt: string | null): boolean {
    return [...guard].every((part) => {
      if (from.has(part)) return true;
      if (isCondition(part)) return false;
      const [place, type] = splitPart(part);
      if (place === anyTypeAt) return true;
      return [...from].some((each) => {
        const [otherPlace, otherType] = splitPart(each);
        return otherPlace === place && typeApplies(this.#schema, type, otherType);
      });
    });
  }

  #isPossible(guard: Guard): boolean {
    const values = new Map<string, string>();
    for (const part of guard) {
      const [about, what] = splitPart(part);
      const known = values.get(about);
      if (known === undefined || !isCondition(part)) values.set(about, what);
      if (known === undefined || known === what) continue;
      if (isCondition(part) || (this.#isObject(known) && this.#isObject(what))) return false;
    }
    return true;
  }

  #isObject(type: string): boolean {
    return isObjectType(this.#schema.getType(type));
  }

  #objectTypes(name: string): readonly string[] {
    const type = this.#schema.getType(name);
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type).map((each) => each.name) : [name];
  }

  #fieldType(parent: string, field: string): string | undefined {
    const type = this.#schema.getType(parent);
    if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
    const definition = type.getFields()[field];
    return definition === undefined ? undefined : getNamedType(definition.type).name;
  }

  #objects(key: string): readonly Guard[] {
    const own = this.#places.get(key)?.objects ?? [];
    return this.#before === null ? own : [...own, ...this.#before.#objects(key)];
  }

  #guards(key: string, name: string): readonly Guard[] {
    const own = this.#places.get(key)?.fields.get(name) ?? [];
    return this.#before === null ? own : [...own, ...this.#before.#guards(key, name)];
  }

  #own(key: string): Place {
    let place = this.#places.get(key);
    if (place === undefined) this.#places.set(key, (place = { objects: [], fields: new Map() }));
    return place;
  }
}

function addField({ fields }: Place, name: string, guard: Guard): void {
  const guards = fields.get(name);
  if (guards === undefined) fields.set(name, [guard]);
  else addGuard(guards, guard);
}

function keyOf(place: readonly string[]): string {
  return place.join(".");
}

import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { directiveArgument, directivesOf } from "../compile/join-directives.ts";
import { PlanningError } from "../planning/planning-error.ts";
import { type FetchDocument, readFetch } from "./fetch-document.ts";
import { mapFetches } from "./plan-nodes.ts";
import { areRelated } from "./required-selections.ts";
import { type FieldTree, joined, type PlannedFor } from "./subgraph-inputs.ts";

type Inputs = PlannedFor["inputs"];

/** Whether some field needs another one that needs others itself (`@requires`). */
export function hasNestedRequirements(inputs: Inputs): boolean {
  const trees = [...inputs.values()].flatMap(({ needs }) => [...needs.values()]);
  const computed = new Set(trees.flatMap((fields) => [...fields.keys()]));
  return trees.some((fields) => [...fields.values()].some((tree) => namesAnyOf(tree, computed)));
}

function namesAnyOf(tree: FieldTree, names: ReadonlySet<string>): boolean {
  return [...tree].some(([name, inner]) => names.has(name) || namesAnyOf(inner, names));
}

/**
 * Makes sure that no fetch asks for a field without what that field needs: a subgraph would compute it of nothing, and
 * nobody would see that the value is wrong.
 *
 * @throws PlanningError with the field and its place
 */
export function checkRequirements(plan: QueryPlan, planned: PlannedFor): void {
  mapFetches(plan, (fetch, place) => {
    const needs = planned.inputs.get(fetch.serviceName)?.needs ?? new Map<string, never>();
    const names = [...needs.values()].flatMap((fields: ReadonlyMap<string, FieldTree>) => [...fields.keys()]);
    if (names.some((name) => fetch.operation.includes(name))) new Check(fetch, planned).look(place);
    return fetch;
  });
}

/** A selection of a fetch, and the type of the objects that it is of. */
interface Selected {
  readonly selectionSet: SelectionSetNode;
  readonly type: string;
}

/** Names of what is required of entities, whatever their types. */
function fieldNames(required: readonly QueryPlanSelectionNode[]): string[] {
  return required.flatMap((each) => (each.kind === "Field" ? [each.name] : fieldNames(each.selections)));
}

interface SelectedField {
  readonly field: FieldNode;
  readonly type: string;
  /** Types of the objects that it is asked for of. */
  readonly objects: ReadonlySet<string>;
}

class Check {
  readonly #fetch: FetchNode;
  readonly #document: FetchDocument;
  readonly #planned: PlannedFor;

  constructor(fetch: FetchNode, planned: PlannedFor) {
    this.#fetch = fetch;
    this.#document = readFetch(fetch);
    this.#planned = planned;
  }

  look(place: readonly string[]): void {
    const { operation, selectionSet } = this.#document;
    const isOfEntities = this.#fetch.requires !== undefined;
    const root = this.#planned.supergraphSchema.getRootType(operation.operation)?.name ?? "";
    const sent = isOfEntities ? this.#sentNames() : [];
    this.#look([{ selectionSet, type: isOfEntities ? "" : root }], place, sent);
  }

  /** Looks at what is selected of the objects at one place. */
  #look(selected: readonly Selected[], place: readonly string[], sent: readonly string[]): void {
    const fields = selected.flatMap((each) => this.#fields(each));
    const there = new Set([...sent, ...fields.map(({ field }) => field.name.value)]);
    for (const { field, type, objects } of fields) {
      const missing = [...this.#needs(objects, field.name.value).keys()].filter((name) => !there.has(name));
      if (missing.length > 0) throw this.#error(`${type}.${field.name.value}`, place, missing);
    }
    const byName = Map.groupBy(fields, ({ field }) => (field.alias ?? field.name).value);
    for (const [name, each] of byName) {
      const inner = each.flatMap(
        ({
          field: {
            name: { value },
            selectionSet,
          },
          type,
        }) => (selectionSet === undefined ? [] : [{ selectionSet, type: this.#fieldType(type, value) }]),
      );
      if (inner.length > 0) this.#look(inner, [...place, name], []);
    }
  }

  #fields(
    { selectionSet, type }: Selected,
    objects: ReadonlySet<string> = this.#objectTypes(type),
    seen = new Set<string>(),
  ): SelectedField[] {
    return selectionSet.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [{ field: selection, type, objects }];
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : this.#document.fragments.get(selection.name.value);
      if (fragment === undefined) return [];
      const condition = fragment.typeCondition?.name.value ?? type;
      const ofCondition = this.#objectTypes(condition);
      const within = type === "" ? ofCondition : objects.intersection(ofCondition);
      // Named fragments have parts for types that there are not where they are used.
      if (within.size === 0) return [];
      const key = `${selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : ""} ${[...within].join(" ")}`;
      if (selection.kind === Kind.FRAGMENT_SPREAD && seen.has(key)) return [];
      seen.add(key);
      return this.#fields({ selectionSet: fragment.selectionSet, type: condition }, within, seen);
    });
  }

  #objectTypes(name: string): ReadonlySet<string> {
    const type = this.#planned.supergraphSchema.getType(name);
    if (!isAbstractType(type)) return new Set([name]);
    return new Set(this.#planned.supergraphSchema.getPossibleTypes(type).map((each) => each.name));
  }

  #needs(objects: ReadonlySet<string>, field: string): FieldTree {
    const needs = this.#planned.inputs.get(this.#fetch.serviceName)?.needs ?? [];
    return joined(
      [...needs].flatMap(([name, fields]) => {
        const tree = fields.get(field);
        return tree === undefined || this.#objectTypes(name).isDisjointFrom(objects) ? [] : [tree];
      }),
    );
  }

  #sentNames(): string[] {
    return fieldNames(this.#fetch.requires ?? []);
  }

  #fieldType(parent: string, field: string): string {
    const type = this.#planned.supergraphSchema.getType(parent);
    const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
    return definition === undefined ? "" : getNamedType(definition.type).name;
  }

  #error(coordinate: string, place: readonly string[], missing: readonly string[]): PlanningError {
    const { serviceName } = this.#fetch;
    return new PlanningError(
      "QUERY_PLANNING_FAILED",
      `${coordinate} at ${place.join(".")} can't be had: "${serviceName}" needs ${missing.join(" and ")} for it, which no plan brings before.`,
    );
  }
}

/**
 * Says which field of an operation the planner fails at, where it does: it makes no plan where a field of an interface
 * object (`@interfaceObject`) needs one that needs others, and that is of an interface object as well.
 *
 * @param document an operation that could not be planned
 * @returns undefined where there is no such field
 */
export function unplannableField(document: DocumentNode, planned: PlannedFor): PlanningError | undefined {
  const { supergraphSchema } = planned;
  const unplannable = nestedOfInterfaceObjects(planned);
  if (unplannable.size === 0) return undefined;
  const typeInfo = new TypeInfo(supergraphSchema);
  const place: string[] = [];
  let found: string | undefined;
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: {
        enter({ alias, name }) {
          place.push((alias ?? name).value);
          const parent = typeInfo.getParentType()?.name ?? "";
          const owner = [...unplannable].find(
            ([type, fields]) => fields.has(name.value) && areRelated(supergraphSchema, type, parent),
          );
          if (owner !== undefined) found ??= `${owner[0]}.${name.value} at ${place.join(".")}`;
        },
        leave: () => void place.pop(),
      },
    }),
  );
  if (found === undefined) return undefined;
  return new PlanningError(
    "QUERY_PLANNING_FAILED",
    `${found} can't be planned: it needs a field that needs others itself (@requires), and both are of interface objects.`,
  );
}

/** By the name of an interface, its fields that some subgraph has of an interface object and that need such ones. */
function nestedOfInterfaceObjects({
  supergraphSchema,
  inputs,
}: PlannedFor): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const type of Object.values(supergraphSchema.getTypeMap())) {
    const isObject = directivesOf(type.astNode, "join__type").some(
      (each) => directiveArgument(each, "isInterfaceObject") === "true",
    );
    if (!isObject) continue;
    const fields = [...inputs.values()].flatMap(({ needs }) => [...(needs.get(type.name) ?? [])]);
    const computed = new Set(fields.map(([name]) => name));
    const nested = fields.filter(([, tree]) => namesAnyOf(tree, computed)).map(([name]) => name);
    if (nested.length > 0) found.set(type.name, new Set(nested));
  }
  return found;
}

import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { AvailableFields } from "./available-fields.ts";
import {
  type EntityField,
  entityFields,
  type FetchDocument,
  readFetch,
  withEntityFields,
} from "./fetch-document.ts";
import { ALWAYS, conditionPart, type Guard, withParts } from "./guards.ts";
import { namesOf } from "./plan-nodes.ts";
import type { SeparatedSupergraph } from "./required-fields.ts";
import {
  areRelated,
  isCovered,
  keysOfType,
  needsOfField,
  type RequiredFragment,
  tidyRequired,
  withNeeds,
  without,
} from "./required-selections.ts";
import { type FieldTree, joined, type PlannedFor, type SubgraphInputs } from "./subgraph-inputs.ts";

export interface SplitOptions extends PlannedFor {
  /** Null where each required field has one name. */
  readonly fields: SeparatedSupergraph["fields"] | null;
}

/**
 * Splits fetches of entities whose fields get in each other's way by what they need (`@requires`):
 *
 * - where they need one field with other arguments each, as there is one place for it in what is sent of an entity;
 * - where some entities do not have what one of the fields needs, as an entity that lacks something is not sent, and
 *   nothing would come of the other fields. Such a place is that of several selections, or what is needed was asked for
 *   under a condition.
 *
 * A plan in which nothing is to be split is the same one.
 */
export function splitFetches(plan: QueryPlan, options: SplitOptions): QueryPlan {
  const { node } = plan;
  if (node === undefined || node.kind === "Subscription" || !mayNeedSplitting(node, options)) return plan;
  const available = new AvailableFields(options.supergraphSchema);
  const split = new Splitting(options).follow(node, { place: [], guard: ALWAYS, available });
  return split === node ? plan : { ...plan, node: split };
}

/** Whether there is a fetch with a field that needs others. */
function mayNeedSplitting(node: PlanNode, options: SplitOptions): boolean {
  switch (node.kind) {
    case "Fetch": {
      const { needs } = options.inputs.get(node.serviceName) ?? {};
      if (node.requires === undefined || needs === undefined) return false;
      return [...needs.values()].some((fields) =>
        [...fields.keys()].some((name) => node.operation.includes(name)),
      );
    }
    case "Sequence":
    case "Parallel":
      return node.nodes.some((each) => mayNeedSplitting(each, options));
    case "Flatten":
      return mayNeedSplitting(node.node, options);
    case "Condition":
      return [node.ifClause, node.elseClause].some(
        (each) => each !== undefined && mayNeedSplitting(each, options),
      );
    case "Defer":
      return false;
  }
}

interface At {
  readonly place: readonly string[];
  readonly guard: Guard;
  readonly available: AvailableFields;
}

/** A field of a fetch with what it needs. */
interface NeedyField {
  readonly field: EntityField;
  readonly needs: FieldTree;
  /** Names of what is needed that some entities do not have. */
  readonly lacking: readonly string[];
}

class Splitting {
  readonly #options: SplitOptions;

  constructor(options: SplitOptions) {
    this.#options = options;
  }

  /** Follows a plan, and gives it with its fetches split. */
  follow(node: PlanNode, at: At): PlanNode {
    switch (node.kind) {
      case "Fetch": {
        const document = readFetch(node);
        const fetches = this.#split(node, document, at);
        at.available.bring(node, at.place, { ...document, guard: at.guard });
        const [first = node] = fetches;
        return fetches.length > 1 ? { kind: "Parallel", nodes: fetches } : first;
      }
      case "Sequence": {
        const nodes = node.nodes.map((each) => this.follow(each, at));
        return nodes.every((each, index) => each === node.nodes[index]) ? node : { ...node, nodes };
      }
      case "Parallel": {
        const branches = node.nodes.map(() => at.available.branch());
        const nodes = node.nodes.map((each, index) =>
          this.follow(each, { ...at, available: branches[index] ?? at.available }),
        );
        for (const branch of branches) at.available.join(branch);
        return nodes.every((each, index) => each === node.nodes[index]) ? node : { ...node, nodes };
      }
      case "Flatten": {
        const inner = this.follow(node.node, { ...at, place: [...at.place, ...namesOf(node.path)] });
        if (inner === node.node) return node;
        if (inner.kind !== "Parallel") return { ...node, node: inner };
        return { ...inner, nodes: inner.nodes.map((each) => ({ ...node, node: each })) };
      }
      case "Condition": {
        const [ifClause, elseClause] = [node.ifClause, node.elseClause].map((clause, index) => {
          const guard = withParts(at.guard, [conditionPart(node.condition, index === 0)]);
          return clause === undefined ? undefined : this.follow(clause, { ...at, guard });
        });
        if (ifClause === node.ifClause && elseClause === node.elseClause) return node;
        return {
          kind: "Condition",
          condition: node.condition,
          ...(ifClause === undefined ? {} : { ifClause }),
          ...(elseClause === undefined ? {} : { elseClause }),
        };
      }
      case "Defer":
        return node;
    }
  }

  #split(fetch: FetchNode, document: FetchDocument, at: At): FetchNode[] {
    const { supergraphSchema } = this.#options;
    const inputs = this.#options.inputs.get(fetch.serviceName);
    if (fetch.requires === undefined || inputs === undefined || inputs.needs.size === 0) return [fetch];
    const needy = entityFields(document).map((field) => this.#needs(field, inputs, at));
    if (needy.every(({ needs }) => needs.size === 0)) return [fetch];
    const tidy = tidyRequired(fetch.requires, inputs, supergraphSchema);
    const required = this.#withSureKeys(tidy, { inputs, needy, at });
    const groups = this.#groups(needy);
    if (groups.length < 2) return [{ ...fetch, requires: this.#withNeeds(required, needy) }];
    const lacking = new Set(needy.flatMap((each) => each.lacking));
    return groups.map((group) => {
      const fields = group.map(({ field }) => field);
      const requires = this.#requires(required, { group, needy, inputs, lacking });
      return { ...withEntityFields(fetch, document, fields), requires: this.#withNeeds(requires, group) };
    });
  }

  /** Without keys that some entities lack, where there is one that all have: the planner asks by several keys at once. */
  #withSureKeys(
    required: readonly QueryPlanSelectionNode[],
    about: { readonly inputs: SubgraphInputs; readonly needy: readonly NeedyField[]; readonly at: At },
  ): QueryPlanSelectionNode[] {
    const { place, guard, available } = about.at;
    return required.map((each) => {
      if (each.kind !== "InlineFragment" || each.typeCondition === undefined) return each;
      const type = each.typeCondition;
      const keys = this.#keys(each, about.inputs);
      if (keys.length < 2) return each;
      const sure = keys.filter((key) => available.lacking(place, key, { type, guard }).length === 0);
      if (sure.length === 0 || sure.length === keys.length) return each;
      const kept = joined([...sure, this.#needsOf(about.needy, type)]);
      return { ...each, selections: without(each.selections, joined(keys), kept) };
    });
  }

  #withNeeds(
    required: readonly QueryPlanSelectionNode[],
    fields: readonly NeedyField[],
  ): QueryPlanSelectionNode[] {
    return withNeeds(required, (type) => this.#needsOf(fields, type), this.#options.supergraphSchema);
  }

  #needsOf(fields: readonly NeedyField[], type: string): FieldTree {
    return joined(fields.flatMap(({ field, needs }) => (this.#areRelated(field.type, type) ? [needs] : [])));
  }

  #needs(field: EntityField, inputs: SubgraphInputs, { place, guard, available }: At): NeedyField {
    const { type, conditions } = field;
    const needs = needsOfField(field, inputs, this.#options.supergraphSchema);
    if (needs.size === 0 || conditions === null) return { field, needs, lacking: [] };
    const where = { type, guard: withParts(guard, conditions) };
    return { field, needs, lacking: available.lacking(place, needs, where) };
  }

  /** Fields that can be asked for together. */
  #groups(needy: readonly NeedyField[]): readonly NeedyField[][] {
    const groups: NeedyField[][] = [];
    for (const each of needy) {
      const group = groups.find((others) =>
        others.every(
          (other) =>
            String(other.lacking) === String(each.lacking) &&
            !(this.#areRelated(other.field.type, each.field.type) && this.#conflict(other.needs, each.needs)),
        ),
      );
      if (group === undefined) groups.push([each]);
      else group.push(each);
    }
    return groups;
  }

  /** Whether two trees have other fields that are sent under one name. */
  #conflict(one: FieldTree, other: FieldTree): boolean {
    if (this.#options.fields === null) return false;
    return [...one].some(([name, inner]) =>
      [...other].some(([otherName, otherInner]) => {
        if (name === otherName) return this.#conflict(inner, otherInner);
        return this.#sentName(name) === this.#sentName(otherName);
      }),
    );
  }

  #sentName(name: string): string {
    return this.#options.fields?.get(name)?.name.value ?? name;
  }

  /** Gives the part of what a fetch requires that a group of its fields requires. */
  #requires(
    selections: readonly QueryPlanSelectionNode[],
    about: {
      readonly group: readonly NeedyField[];
      readonly needy: readonly NeedyField[];
      readonly inputs: SubgraphInputs;
      readonly lacking: ReadonlySet<string>;
    },
  ): QueryPlanSelectionNode[] {
    return selections.map((selection) => {
      if (selection.kind !== "InlineFragment" || selection.typeCondition === undefined) return selection;
      const type = selection.typeCondition;
      const keys = this.#keys(selection, about.inputs);
      // A key of which some entities lack a part is not the one that they are asked by.
      const sure = keys.filter((key) => [...key.keys()].every((name) => !about.lacking.has(name)));
      const kept = joined([this.#needsOf(about.group, type), ...(sure.length > 0 ? sure : keys)]);
      return {
        ...selection,
        selections: without(selection.selections, this.#needsOf(about.needy, type), kept),
      };
    });
  }

  /** The keys that a fragment of what a fetch requires has. */
  #keys({ typeCondition = "", selections }: RequiredFragment, inputs: SubgraphInputs): FieldTree[] {
    const keys = keysOfType(typeCondition, inputs, this.#options.supergraphSchema);
    return keys.filter((key) => isCovered(key, selections));
  }

  #areRelated(one: string, other: string): boolean {
    return areRelated(this.#options.supergraphSchema, one, other);
  }
}

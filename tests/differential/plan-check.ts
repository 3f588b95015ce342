import type { PlanNode, QueryPlan, QueryPlanSelectionNode } from "@apollo/query-planner";
import { type DirectiveNode, type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from "graphql";

/** Response names by place: response names up to there, without lists. */
type Fetched = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What a plan needs for a fetch and does not fetch before it, or only under a condition: the place and the name; undefined
 * where there is nothing. The planner loses track of some fields that `@requires` needs through others with `@requires`.
 * And it asks for an entity once, with what each of several selections needs, where what one needs is fetched only for an
 * object around it of a certain type: the others get nothing where that object is of another type.
 */
export function lackingInput({ node }: QueryPlan): string | undefined {
  if (node === undefined || node.kind === "Subscription") return undefined;
  const lacking: string[] = [];
  follow(node, { place: [], fetched: new Map(), lacking });
  return lacking[0];
}

interface Following {
  readonly place: readonly string[];
  readonly fetched: Fetched;
  readonly lacking: string[];
}

/** Follows a plan, and gives what is there after it. */
function follow(node: PlanNode, at: Following): Fetched {
  switch (node.kind) {
    case "Sequence":
      return node.nodes.reduce((fetched, each) => follow(each, { ...at, fetched }), at.fetched);
    case "Parallel":
      return union(node.nodes.map((each) => follow(each, at)));
    case "Flatten": {
      const steps = node.path.map(String).filter((step) => step !== "@");
      return follow(node.node, { ...at, place: [...at.place, ...steps] });
    }
    case "Condition": {
      const branches = [node.ifClause, node.elseClause].filter((each) => each !== undefined);
      return union([at.fetched, ...branches.map((each) => follow(each, at))]);
    }
    case "Fetch": {
      const there = at.fetched.get(at.place.join(".")) ?? new Set();
      for (const name of requiredNames(node.requires ?? []))
        if (!there.has(name)) at.lacking.push(`${at.place.join(".")}.${name}`);
      const brought = new Map<string, Set<string>>();
      const { definitions } = parse(node.operation, { noLocation: true });
      const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
      const operation = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
      const [first] = operation?.selectionSet.selections ?? [];
      const inner =
        node.requires !== undefined && first?.kind === Kind.FIELD ? first.selectionSet : undefined;
      const selectionSet = inner ?? operation?.selectionSet;
      // Of these types are the entities themselves.
      const types = new Set(
        node.requires?.map((each) => (each.kind === "InlineFragment" ? each.typeCondition : undefined)),
      );
      if (selectionSet !== undefined)
        bring(selectionSet, at.place, { brought, fragments, types, isSure: true });
      return union([at.fetched, brought]);
    }
    case "Defer":
      return at.fetched;
  }
}

function requiredNames(selections: readonly QueryPlanSelectionNode[]): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === "InlineFragment") return requiredNames(selection.selections);
    return selection.name === "__typename" ? [] : [selection.alias ?? selection.name];
  });
}

interface Bringing {
  readonly brought: Map<string, Set<string>>;
  readonly fragments: readonly FragmentDefinitionNode[];
  /** Types that are no condition. */
  readonly types: ReadonlySet<string | undefined>;
  /** Whether the objects here are there whatever their conditions. */
  readonly isSure: boolean;
  /** Whether they are there for each type of the object that they are in. */
  readonly isOfAnyType?: boolean;
}

function bring({ selections }: SelectionSetNode, place: readonly string[], into: Bringing): void {
  const { isOfAnyType = true } = into;
  for (const selection of selections) {
    const isSure = into.isSure && !(selection.directives ?? []).some(isCondition);
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const key = place.join(".");
      if (isSure) into.brought.set(key, (into.brought.get(key) ?? new Set()).add(name));
      const within = { ...into, types: new Set<string>(), isSure: isSure && isOfAnyType, isOfAnyType: true };
      if (selection.selectionSet !== undefined) bring(selection.selectionSet, [...place, name], within);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : into.fragments.find(({ name }) => name.value === selection.name.value);
    const type = fragment?.typeCondition?.name.value;
    const isOfAny = isOfAnyType && (type === undefined || into.types.has(type));
    if (fragment !== undefined)
      bring(fragment.selectionSet, place, { ...into, isSure, isOfAnyType: isOfAny });
  }
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === "skip" || name.value === "include";
}

function union(all: readonly Fetched[]): Fetched {
  const joined = new Map<string, ReadonlySet<string>>();
  for (const each of all)
    for (const [place, names] of each) joined.set(place, new Set([...(joined.get(place) ?? []), ...names]));
  return joined;
}

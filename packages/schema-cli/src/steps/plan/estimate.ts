import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
  getNamedType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { KnownOperation } from "../step.ts";
import type { CostDirectives } from "./cost-directives.ts";

/** How long a list is taken to be where neither directives nor arguments tell. */
const assumedSize = 10;
/** What each field of a mutation costs besides its answer. */
const mutationCost = 10;

/**
 * Estimates what an operation costs at most, as IBM's cost specification does (static analysis): an object is 1 and a leaf
 * 0, or what `@cost` says; a list is as many of those as `@listSize` or else a connection's `first` or `last` says, or
 * else 10. Of the types that an interface or union may be, the dearest counts. Each field of a mutation is 10 more.
 * https://ibm.github.io/graphql-specs/cost-spec.html
 *
 * @returns a number without unit, to be compared with another of the same kind
 */
export function estimateCost(
  { definition, document }: KnownOperation,
  schema: GraphQLSchema,
  directives: CostDirectives,
): number {
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  const defaults = new Map(
    (definition.variableDefinitions ?? []).map(
      ({ variable, defaultValue }) => [variable.name.value, defaultValue] as const,
    ),
  );

  /** The fields of selections on an object type, by response name; each with all of its occurrences. */
  const collect = (sets: readonly SelectionSetNode[], type: GraphQLObjectType) => {
    const fields = new Map<string, FieldNode[]>();
    const visit = (set: SelectionSetNode) => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          const name = selection.alias?.value ?? selection.name.value;
          fields.set(name, [...(fields.get(name) ?? []), selection]);
          continue;
        }
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (fragment === undefined) continue;
        if (applies(fragment.typeCondition?.name.value, type, schema)) visit(fragment.selectionSet);
      }
    };
    for (const set of sets) visit(set);
    return fields;
  };

  const integerOf = (field: FieldNode, of: GraphQLField<unknown, unknown>, name: string): number | null => {
    const given = field.arguments?.find((argument) => argument.name.value === name)?.value;
    const value = given?.kind === Kind.VARIABLE ? defaults.get(given.name.value) : given;
    if (value?.kind === Kind.INT) return Number(value.value);
    const fallback =
      given === undefined ? of.args.find((argument) => argument.name === name)?.defaultValue : null;
    return typeof fallback === "number" ? fallback : null;
  };

  /** How many items a list has; `inherited` is what the field around it says about it. */
  const sizeOf = (field: FieldNode, of: GraphQLField<unknown, unknown>, inherited: number | null) => {
    const size = directives.listSize(of);
    const slices = (size?.slicingArguments ?? ["first", "last"]).flatMap(
      (name) => integerOf(field, of, name) ?? [],
    );
    const told = slices.length > 0 ? Math.max(...slices) : (size?.assumedSize ?? null);
    const isList = isListType(isNonNullType(of.type) ? of.type.ofType : of.type);
    const own = isList && size?.sizedFields === undefined ? told : null;
    return {
      items: isList ? (own ?? inherited ?? assumedSize) : 1,
      // A connection's arguments are about the lists right below it.
      below: isList ? null : told,
      sizedFields: size?.sizedFields ?? null,
    };
  };

  const costOf = (nodes: FieldNode[], parent: GraphQLObjectType, around: Around): number => {
    const [field] = nodes;
    const of = field && parent.getFields()[field.name.value];
    if (field === undefined || of === undefined) return 0;
    const concerned = around.sizedFields === null || around.sizedFields.includes(of.name);
    const { items, below, sizedFields } = sizeOf(field, of, concerned ? around.below : null);
    const type = getNamedType(of.type);
    const weight = directives.cost(of) ?? directives.cost(type) ?? (isLeafType(type) ? 0 : 1);
    const inputs = (field.arguments ?? []).map((argument) => {
      const declared = of.args.find(({ name }) => name === argument.name.value);
      return declared === undefined ? 0 : (directives.cost(declared) ?? 0);
    });
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    return items * (weight + costOfSets(sets, type, { below, sizedFields })) + sum(inputs);
  };

  // The same selections are met once for each type that an interface around them may be.
  const known = new Map<string, number>();
  const numbers = new Map<SelectionSetNode, number>();
  const numberOf = (set: SelectionSetNode) => {
    const number = numbers.get(set) ?? numbers.size;
    numbers.set(set, number);
    return number;
  };
  const costOfSets = (sets: SelectionSetNode[], type: GraphQLNamedType, around: Around): number => {
    if (sets.length === 0) return 0;
    const key = JSON.stringify([sets.map(numberOf), type.name, around]);
    const cost = known.get(key) ?? dearest(sets, type, around);
    known.set(key, cost);
    return cost;
  };

  const dearest = (sets: SelectionSetNode[], type: GraphQLNamedType, around: Around): number => {
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
    const costs = possible.map((object) =>
      sum([...collect(sets, object).values()].map((nodes) => costOf(nodes, object, around))),
    );
    return Math.max(0, ...costs);
  };

  const root = schema.getRootType(definition.operation);
  if (root == null) return 0;
  const none = { below: null, sizedFields: null };
  const mutations =
    definition.operation === OperationTypeNode.MUTATION ? collect([definition.selectionSet], root).size : 0;
  return costOfSets([definition.selectionSet], root, none) + mutations * mutationCost;
}

/** What the field around says about the lists below it. */
interface Around {
  below: number | null;
  /** Which of them it is about; null for all. */
  sizedFields: string[] | null;
}

function applies(condition: string | undefined, type: GraphQLObjectType, schema: GraphQLSchema): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isAbstractType(named) && schema.isSubType(named, type);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

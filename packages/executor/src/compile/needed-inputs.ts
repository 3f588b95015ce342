import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  visit,
} from "graphql";
import { directiveArgument, directivesOf } from "./join-directives.ts";
import { type Conditions, isIncluded } from "./operation.ts";

/** What one subgraph takes of entities. */
interface Inputs {
  /** Names of fields in keys. */
  readonly keys: Set<string>;
  /** By the name of a field with `@requires`, the names of the fields that it needs. */
  readonly needs: Map<string, Set<string>>;
}

interface NeededInputsOptions {
  /** With the directives of the join specification. */
  readonly supergraphSchema: GraphQLSchema;
  readonly conditions: Conditions;
}

/**
 * A fetch that requires no more of its entities than the fields need that are asked for.
 *
 * The planner has a fetch require what all its fields need, those included that are skipped this time. What these need
 * may not have been fetched then, and an entity that lacks something is not sent: nothing would come of the fields
 * beside them (apollographql/federation#3317, here for what other words can't help with).
 */
export function withNeededInputs(node: FetchNode, options: NeededInputsOptions): FetchNode {
  const { requires, operation, serviceName } = node;
  if (requires === undefined || !/@(?:skip|include)\b/.test(operation)) return node;
  const inputs = inputsOf(options.supergraphSchema).get(serviceName);
  if (inputs === undefined || inputs.needs.size === 0) return node;
  const { included, skipped } = entityFields(parse(operation, { noLocation: true }), options.conditions);
  // With nothing left to ask for, the entity is better not sent.
  if (included.size === 0) return node;
  const needed = new Set([...inputs.keys, ...needsOf(included, inputs)]);
  const needless = needsOf(skipped, inputs).filter((name) => !needed.has(name));
  return needless.length === 0 ? node : { ...node, requires: without(requires, new Set(needless)) };
}

function needsOf(fields: ReadonlySet<string>, { needs }: Inputs): string[] {
  return [...fields].flatMap((name) => [...(needs.get(name) ?? [])]);
}

function without(
  selections: readonly QueryPlanSelectionNode[],
  needless: ReadonlySet<string>,
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === "InlineFragment")
      return [{ ...selection, selections: without(selection.selections, needless) }];
    return needless.has(selection.name) ? [] : [selection];
  });
}

/** The fields that a fetch asks for of its entities, whatever their types. */
function entityFields({ definitions }: DocumentNode, conditions: Conditions) {
  const included = new Set<string>();
  const skipped = new Set<string>();
  const fragments = new Map(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  // Fragments can be nested in very many ways.
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode, isTaken: boolean) => {
    for (const selection of selections) {
      const isWithin = isTaken && isIncluded(selection, conditions);
      if (selection.kind === Kind.FIELD) {
        const { value } = selection.name;
        if (value !== "__typename") (isWithin ? included : skipped).add(value);
        continue;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, isWithin);
        continue;
      }
      const spread = `${selection.name.value} ${isWithin}`;
      const fragment = fragments.get(selection.name.value);
      if (fragment === undefined || seen.has(spread)) continue;
      seen.add(spread);
      collect(fragment.selectionSet, isWithin);
    }
  };
  const isOperation = (each: DocumentNode["definitions"][number]): each is OperationDefinitionNode =>
    each.kind === Kind.OPERATION_DEFINITION;
  for (const { selectionSet } of definitions.filter(isOperation)) {
    for (const field of selectionSet.selections) {
      if (field.kind === Kind.FIELD && field.selectionSet !== undefined) collect(field.selectionSet, true);
    }
  }
  return { included, skipped };
}

const known = new WeakMap<GraphQLSchema, ReadonlyMap<string, Inputs>>();

/** What subgraphs take of entities, by the subgraph's name. */
function inputsOf(supergraphSchema: GraphQLSchema): ReadonlyMap<string, Inputs> {
  let inputs = known.get(supergraphSchema);
  if (inputs === undefined) known.set(supergraphSchema, (inputs = readInputs(supergraphSchema)));
  return inputs;
}

function readInputs(supergraphSchema: GraphQLSchema): ReadonlyMap<string, Inputs> {
  const types = Object.values(supergraphSchema.getTypeMap());
  const subgraphs = new Map<string, Inputs>();
  /** By the name in `join__Graph`. */
  const graphs = new Map<string, Inputs>();
  for (const { name, astNode } of types.filter(isEnumType).flatMap((type) => type.getValues())) {
    const subgraph = directiveArgument(directivesOf(astNode, "join__graph")[0], "name");
    if (subgraph === undefined) continue;
    const inputs = { keys: new Set<string>(), needs: new Map<string, Set<string>>() };
    subgraphs.set(subgraph, inputs);
    graphs.set(name, inputs);
  }
  const typesWithFields = types.filter((type) => isObjectType(type) || isInterfaceType(type));
  for (const type of typesWithFields) {
    for (const directive of directivesOf(type.astNode, "join__type")) {
      const keys = graphs.get(directiveArgument(directive, "graph") ?? "")?.keys;
      for (const key of fieldsOf(directiveArgument(directive, "key"))) keys?.add(key);
    }
    for (const { name, astNode } of Object.values(type.getFields())) {
      for (const directive of directivesOf(astNode, "join__field")) {
        const needs = graphs.get(directiveArgument(directive, "graph") ?? "")?.needs;
        const fields = fieldsOf(directiveArgument(directive, "requires"));
        if (fields.length > 0) needs?.set(name, new Set([...(needs.get(name) ?? []), ...fields]));
      }
    }
  }
  return subgraphs;
}

/** The names of the fields that a set of fields begins with, those in its fragments too. */
function fieldsOf(fieldSet: string | undefined): string[] {
  if (fieldSet === undefined) return [];
  const names: string[] = [];
  visit(parse(`{ ${fieldSet} }`, { noLocation: true }), {
    Field({ name }) {
      names.push(name.value);
      return false;
    },
  });
  return names;
}

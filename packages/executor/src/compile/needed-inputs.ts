import type { FetchNode } from "@apollo/query-planner";
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from "graphql";
import { without } from "../planner-fixes/required-selections.ts";
import { type FieldTree, joined, readSubgraphInputs } from "../planner-fixes/subgraph-inputs.ts";
import { type Conditions, isIncluded } from "./operation.ts";

/** What one subgraph takes of entities, whatever their types. */
interface Inputs {
  readonly keys: FieldTree;
  /** By the name of a field with `@requires`, what it needs. */
  readonly needs: ReadonlyMap<string, FieldTree>;
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
  const needless = needsOf(skipped, inputs);
  if (needless.size === 0) return node;
  return { ...node, requires: without(requires, needless, joined([inputs.keys, needsOf(included, inputs)])) };
}

function needsOf(fields: ReadonlySet<string>, { needs }: Inputs): FieldTree {
  return joined([...fields].flatMap((name) => needs.get(name) ?? []));
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
  return new Map(
    [...readSubgraphInputs(supergraphSchema)].map(([subgraph, { keys, needs }]) => {
      const byName = new Map<string, FieldTree>();
      for (const [name, tree] of [...needs.values()].flatMap((each) => [...each]))
        byName.set(name, joined([tree, ...(byName.has(name) ? [byName.get(name) as FieldTree] : [])]));
      return [subgraph, { keys: joined([...keys.values()].flat()), needs: byName }];
    }),
  );
}

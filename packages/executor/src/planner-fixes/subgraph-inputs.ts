import {
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import { directiveArgument, directivesOf } from "../compile/join-directives.ts";

/** Names of fields with what is selected of each, whatever the types around them. */
export type FieldTree = ReadonlyMap<string, FieldTree>;

/** What one subgraph takes of entities, by their type. */
export interface SubgraphInputs {
  /** The keys that it can be asked by. */
  readonly keys: ReadonlyMap<string, readonly FieldTree[]>;
  /** By the name of a field, what it needs of others (`@requires`). */
  readonly needs: ReadonlyMap<string, ReadonlyMap<string, FieldTree>>;
}

/** What mends of a plan have to know of the supergraph. */
export interface PlannedFor {
  /** The schema with all types and fields, also those that clients may not see. */
  readonly supergraphSchema: GraphQLSchema;
  /** What subgraphs take of entities, by the subgraph's name. */
  readonly inputs: ReadonlyMap<string, SubgraphInputs>;
}

interface Reading {
  readonly keys: Map<string, FieldTree[]>;
  readonly needs: Map<string, Map<string, FieldTree>>;
}

/**
 * Reads what subgraphs take of entities, by the subgraph's name.
 *
 * @param supergraphSchema with the directives of the join specification (v0.3 and later)
 */
export function readSubgraphInputs(supergraphSchema: GraphQLSchema): ReadonlyMap<string, SubgraphInputs> {
  const types = Object.values(supergraphSchema.getTypeMap());
  const subgraphs = new Map<string, Reading>();
  /** By the name in `join__Graph`. */
  const graphs = new Map<string, Reading>();
  for (const { name, astNode } of types.filter(isEnumType).flatMap((type) => type.getValues())) {
    const subgraph = directiveArgument(directivesOf(astNode, "join__graph")[0], "name");
    if (subgraph === undefined) continue;
    const reading: Reading = { keys: new Map(), needs: new Map() };
    subgraphs.set(subgraph, reading);
    graphs.set(name, reading);
  }
  for (const type of types.filter((each) => isObjectType(each) || isInterfaceType(each))) {
    for (const directive of directivesOf(type.astNode, "join__type")) {
      const key = directiveArgument(directive, "key");
      if (key === undefined || directiveArgument(directive, "resolvable") === "false") continue;
      const keys = graphs.get(directiveArgument(directive, "graph") ?? "")?.keys;
      keys?.set(type.name, [...(keys.get(type.name) ?? []), fieldTree(key)]);
    }
    for (const { name, astNode } of Object.values(type.getFields())) {
      for (const directive of directivesOf(astNode, "join__field")) {
        const needs = graphs.get(directiveArgument(directive, "graph") ?? "")?.needs;
        const fieldSet = directiveArgument(directive, "requires");
        if (needs === undefined || fieldSet === undefined) continue;
        const ofType = needs.get(type.name) ?? new Map<string, FieldTree>();
        needs.set(type.name, ofType.set(name, fieldTree(fieldSet)));
      }
    }
  }
  return subgraphs;
}

function fieldTree(fieldSet: string): FieldTree {
  const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? treeOf(definition.selectionSet) : new Map();
}

function treeOf({ selections }: SelectionSetNode): FieldTree {
  return joined(
    selections.map((selection): FieldTree => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return new Map();
      if (selection.kind === Kind.INLINE_FRAGMENT) return treeOf(selection.selectionSet);
      if (selection.name.value === "__typename") return new Map();
      const { selectionSet } = selection;
      return new Map([[selection.name.value, selectionSet === undefined ? new Map() : treeOf(selectionSet)]]);
    }),
  );
}

/** All that is in any of several trees. */
export function joined(trees: readonly FieldTree[]): FieldTree {
  const [only, ...others] = trees;
  if (only !== undefined && others.length === 0) return only;
  const inside = new Map<string, FieldTree[]>();
  for (const [name, tree] of trees.flatMap((each) => [...each])) {
    const known = inside.get(name);
    if (known === undefined) inside.set(name, [tree]);
    else known.push(tree);
  }
  return new Map([...inside].map(([name, each]) => [name, joined(each)]));
}

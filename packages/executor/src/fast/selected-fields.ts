import { type GraphQLOutputType, isInterfaceType, isObjectType, type SelectionSetNode } from "graphql";
import { collectFields } from "../compile/collect-fields.ts";
import type { Conditions, Operation } from "../compile/operation.ts";
import { refusalReason } from "../compile/refused-fields.ts";
import { Unsupported } from "./unsupported.ts";

/** A field that a client selects on objects of one type. */
export interface SelectedField {
  /** Its name in the merged data. */
  readonly key: string;
  /** Its name in the response. */
  readonly outputName: string;
  /** Null for `__typename`. */
  readonly type: GraphQLOutputType | null;
  readonly selectionSets: readonly SelectionSetNode[];
}

export interface Selecting {
  readonly operation: Operation;
  readonly conditions: Conditions;
}

/**
 * The fields of objects of a type, in the order of the response.
 *
 * @throws Unsupported for what is not asked of subgraphs
 */
export function selectedFields(
  selectionSets: readonly SelectionSetNode[],
  typename: string,
  { operation, conditions }: Selecting,
): readonly SelectedField[] {
  return collectFields(selectionSets, { operation, conditions, typename }).map(
    ({ responseName, nodes, parentType }) => {
      const name = nodes[0]?.name.value ?? "";
      if (nodes[0] !== undefined && refusalReason(nodes[0]) !== undefined)
        throw new Unsupported("an argument that takes no null");
      if (name === "__schema" || name === "__type") throw new Unsupported("introspection");
      const parent = operation.schema.getType(parentType);
      const fields = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields() : {};
      const type = name === "__typename" ? null : fields[name]?.type;
      if (type === undefined) throw new Unsupported(`no field ${parentType}.${name}`);
      return {
        key: responseName,
        outputName: operation.responseNames.get(responseName) ?? responseName,
        type,
        selectionSets: nodes.flatMap((node) => node.selectionSet ?? []),
      };
    },
  );
}

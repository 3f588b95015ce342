import { codedError } from "@tributary/subgraph-kit/errors";
import { type FieldNode, GraphQLError, Kind, type ValidationRule } from "graphql";
import { createOperationMeasure } from "./operation-size.ts";

export interface LimitOptions {
  /** Deepest nesting of fields. */
  readonly maxDepth: number;
  /** Most aliases, fragments expanded. */
  readonly maxAliases: number;
}

/** Validation rules that refuse operations beyond the limits, with what the limit is and how far beyond. */
export function createLimitRules({ maxDepth, maxAliases }: LimitOptions): readonly ValidationRule[] {
  return [
    (context) => {
      const measure = createOperationMeasure(context.getDocument());
      return {
        [Kind.OPERATION_DEFINITION]: (node) => {
          const name = node.name === undefined ? "The operation" : `The operation "${node.name.value}"`;
          const { depth, aliases } = measure(node.selectionSet);
          const tooLarge = (message: string) =>
            context.reportError(codedError("QUERY_TOO_LARGE", `${name} ${message}`));
          if (depth > maxDepth) tooLarge(`is ${depth} fields deep; at most ${maxDepth} are taken.`);
          if (aliases > maxAliases) tooLarge(`has ${aliases} aliases; at most ${maxAliases} are taken.`);
        },
      };
    },
    reservedAliasRule,
  ];
}

/** Answers are put together by `__typename`: no other field may come back under that name. */
const reservedAliasRule: ValidationRule = (context) => ({
  [Kind.FIELD]: (node: FieldNode) => {
    if (node.alias?.value !== "__typename" || node.name.value === "__typename") return;
    context.reportError(
      new GraphQLError('Only __typename itself can be called "__typename".', { nodes: node }),
    );
  },
});

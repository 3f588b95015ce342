import { createSelectionCounter, tooManySelections } from "@tributary/executor";
import { codedError } from "@tributary/subgraph-kit/errors";
import {
  type FieldNode,
  type FloatValueNode,
  GraphQLError,
  type IntValueNode,
  Kind,
  type ValidationRule,
} from "graphql";
import { createOperationMeasure } from "./operation-size.ts";

export interface LimitOptions {
  /** Deepest nesting of fields. */
  readonly maxDepth: number;
  /** Most aliases, fragments expanded. */
  readonly maxAliases: number;
  /** Most fields and fragments, fragments expanded. */
  readonly maxSelections: number;
}

/** Validation rules that refuse operations beyond the limits, with what the limit is and how far beyond. */
export function createLimitRules(limits: LimitOptions): readonly ValidationRule[] {
  const { maxDepth, maxAliases, maxSelections } = limits;
  return [
    (context) => {
      const measure = createOperationMeasure(context.getDocument());
      const count = createSelectionCounter(context.getDocument());
      return {
        [Kind.OPERATION_DEFINITION]: (node) => {
          const name = node.name === undefined ? "The operation" : `The operation "${node.name.value}"`;
          const { depth, aliases } = measure(node.selectionSet);
          const selections = count(node);
          const tooLarge = (message: string) =>
            context.reportError(codedError("QUERY_TOO_LARGE", `${name} ${message}`));
          if (depth > maxDepth) tooLarge(`is ${depth} fields deep; at most ${maxDepth} are taken.`);
          if (aliases > maxAliases) tooLarge(`has ${aliases} aliases; at most ${maxAliases} are taken.`);
          if (selections > maxSelections) {
            const message = tooManySelections(name, selections, maxSelections);
            context.reportError(codedError("QUERY_TOO_LARGE", message));
          }
        },
      };
    },
    reservedAliasRule,
    finiteNumbersRule,
  ];
}

/** A literal beyond the numbers of a double is read as infinite, which no service can be sent. */
const finiteNumbersRule: ValidationRule = (context) => {
  const check = (node: FloatValueNode | IntValueNode) => {
    if (Number.isFinite(Number(node.value))) return;
    context.reportError(new GraphQLError("The number is too large.", { nodes: node }));
  };
  return { [Kind.FLOAT]: check, [Kind.INT]: check };
};

/** Answers are put together by `__typename`: no other field may come back under that name. */
const reservedAliasRule: ValidationRule = (context) => ({
  [Kind.FIELD]: (node: FieldNode) => {
    if (node.alias?.value !== "__typename" || node.name.value === "__typename") return;
    context.reportError(
      new GraphQLError('Only __typename itself can be called "__typename".', { nodes: node }),
    );
  },
});

import type { GraphQLError, GraphQLSchema } from "graphql";
import type { Finding, OperationImpact } from "../result/finding.ts";
import type { KnownOperation } from "../steps/step.ts";
import { coordinatesAt } from "./coordinates-at.ts";
import { coordinatesUsed, touches } from "./coordinates-used.ts";
import { errorsOf } from "./validation.ts";

/** What a change of the schema means to one operation. */
export interface OperationState {
  operation: KnownOperation;
  /** What validation says against the base and the head. */
  before: readonly GraphQLError[];
  after: readonly GraphQLError[];
  used: ReadonlySet<string>;
  /** What of that the head refuses. */
  refused: ReadonlySet<string>;
}

/** Validates each operation against both schemas and lists what it uses of the base. */
export function operationStates(
  operations: readonly KnownOperation[],
  base: GraphQLSchema,
  head: GraphQLSchema,
): OperationState[] {
  return operations.map((operation) => {
    const { document } = operation;
    const [before, after] = [errorsOf(base, document), errorsOf(head, document)];
    const complained = new Set(after.flatMap(({ nodes }) => nodes ?? []));
    return {
      operation,
      before,
      after,
      used: coordinatesUsed(document, base),
      refused: complained.size === 0 ? new Set() : coordinatesAt(complained, document, base),
    };
  });
}

/** Whether an operation ran before and does not any more. */
export function isBroken({ before, after }: OperationState): boolean {
  return before.length === 0 && after.length > 0;
}

/** The operations that a change touches. */
export function impactsOf(
  { coordinate }: Finding,
  states: readonly OperationState[],
  base: GraphQLSchema,
): OperationImpact[] {
  if (coordinate === undefined) return [];
  return states
    .filter(({ used }) => touches(used, coordinate, base))
    .map((state) => ({
      name: state.operation.name,
      place: state.operation.place,
      // It may be broken by another change than this.
      verdict: isBroken(state) && touches(state.refused, coordinate, base) ? "broken" : "affected",
      ...(state.operation.sent === undefined ? {} : { sent: state.operation.sent }),
    }));
}

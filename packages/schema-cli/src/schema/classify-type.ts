import { type GraphQLType, isListType, isNonNullType } from "graphql";

/** Whether every value of the new output type is one that the old type promised, and no operation names another type. */
export function safeForOutput(before: GraphQLType, after: GraphQLType): boolean {
  if (isNonNullType(before)) return isNonNullType(after) && safeForOutput(before.ofType, after.ofType);
  if (isNonNullType(after)) return safeForOutput(before, after.ofType);
  if (isListType(before) || isListType(after)) {
    return isListType(before) && isListType(after) && safeForOutput(before.ofType, after.ofType);
  }
  // An interface's place taken by one of its implementations is not safe: `... on Another` is refused from then on.
  return String(before) === String(after);
}

/** Whether every literal and every variable that the old input type took is taken by the new one. */
export function safeForInput(before: GraphQLType, after: GraphQLType): boolean {
  if (isNonNullType(before)) {
    return safeForInput(before.ofType, isNonNullType(after) ? after.ofType : after);
  }
  if (isNonNullType(after)) return false;
  if (isListType(before) || isListType(after)) {
    return isListType(before) && isListType(after) && safeForInput(before.ofType, after.ofType);
  }
  return String(before) === String(after);
}

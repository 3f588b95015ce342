import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from "graphql";

/**
 * Whether objects of a type fall under a type condition (GraphQL, section 6.3.2, DoesFragmentTypeApply). The type may
 * be an interface: what a subgraph with `@interfaceObject` calls its objects, until their types are known.
 */
export function typeApplies(schema: GraphQLSchema, condition: string, typename: string): boolean {
  if (condition === typename) return true;
  const conditionType = schema.getType(condition);
  const type = schema.getType(typename);
  return (
    isAbstractType(conditionType) &&
    (isObjectType(type) || isInterfaceType(type)) &&
    schema.isSubType(conditionType, type)
  );
}

import { type DocumentNode, type GraphQLError, type GraphQLSchema, validate } from "graphql";

const known = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, readonly GraphQLError[]>>();

/** What validation says about an operation; kept, as several steps ask. */
export function errorsOf(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const ofSchema = known.get(schema) ?? new WeakMap<DocumentNode, readonly GraphQLError[]>();
  known.set(schema, ofSchema);
  const errors = ofSchema.get(document) ?? validate(schema, document);
  ofSchema.set(document, errors);
  return errors;
}

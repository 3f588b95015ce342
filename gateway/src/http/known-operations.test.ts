import type { GraphQLRequestContextDidResolveOperation, BaseContext } from "@apollo/server";
import { buildSchema, type GraphQLSchema, type OperationDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";
import { createKnownOperations, type KnownOperations } from "./known-operations.ts";

const schema = buildSchema("type Query { a: Int }");

/** Has operations seen as Apollo Server shows them. */
async function see(operations: KnownOperations, source: string, validFor: GraphQLSchema = schema) {
  const document = parse(source);
  const context = {
    schema: validFor,
    source,
    queryHash: `hash of ${source}`,
    document,
    operation: document.definitions[0] as OperationDefinitionNode,
    operationName: null,
    request: {},
    metrics: {},
  } as unknown as GraphQLRequestContextDidResolveOperation<BaseContext>;
  const listener = await operations.plugin.plugin.requestDidStart?.(context);
  await listener?.didResolveOperation?.(context);
}
const find = (operations: KnownOperations, query: string) =>
  operations.find({ query, operationName: undefined, persistedHash: undefined })?.source;
const numbered = (at: number) => `{ a } # ${String(at).padStart(93)}`;

test("operations that are in use are kept, others make room", async () => {
  const operations = createKnownOperations({ schema: () => schema, limitCharacters: 1_000 });
  await see(operations, "{ a }");
  for (let at = 0; at < 100; at++) {
    await see(operations, numbered(at));
    expect(find(operations, "{ a }")).toBe("{ a }");
    expect(find(operations, numbered(at))).toBe(numbered(at));
  }
  const kept = Array.from({ length: 100 }, (_, at) => find(operations, numbered(at))).filter(Boolean);
  expect(kept.length).toBeGreaterThan(2);
  expect(kept.length).toBeLessThanOrEqual(12);
});

test("operations of another schema are forgotten, and not learned any more", async () => {
  let current = schema;
  const operations = createKnownOperations({ schema: () => current });
  await see(operations, "{ a }");
  expect(find(operations, "{ a }")).toBe("{ a }");
  current = buildSchema("type Query { a: Int b: Int }");
  expect(find(operations, "{ a }")).toBeUndefined();
  // Validated before the change, and told of after it.
  await see(operations, "{ a }", schema);
  expect(find(operations, "{ a }")).toBeUndefined();
  await see(operations, "{ a }", current);
  expect(find(operations, "{ a }")).toBe("{ a }");
});

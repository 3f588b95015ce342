import { buildSchema, executeSync, getIntrospectionQuery, Kind, parse } from "graphql";
import { expect, test } from "vitest";
import { createIntrospectionMeasure } from "./introspection-size.ts";

const schema = buildSchema(`
  type Query { a(x: Int, y: [In!]): Big b: Kind big: [Big!]! }
  type Mutation { act(in: In!): Big }
  interface Named { name: String }
  type Big implements Named { name: String ${Array.from({ length: 30 }, (_, index) => `f${index}: Big`).join(" ")} }
  type Other implements Named { name: String }
  union Any = Big | Other
  enum Kind { A B C }
  input In { n: Int = 1 of: [In!] }`);

/** Objects and leaves, those that are null too. */
function valuesIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + valuesIn(each), 0);
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + valuesIn(each), 1);
}

function sizes(text: string) {
  const document = parse(text);
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error("No operation.");
  const { data } = executeSync({ schema, document });
  return { estimated: createIntrospectionMeasure(schema).size(document, operation), real: valuesIn(data) };
}

test.each([
  getIntrospectionQuery(),
  getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }),
  "{ __schema { types { name } } }",
  "{ __schema { types { fields { name type { name } args { name } } enumValues { name } } } }",
  "{ a: __schema { ...S } b: __schema { ...S } } fragment S on __Schema { types { ...T } } fragment T on __Type { fields { name } }",
  "{ __schema { directives { name args { name type { name } } } } }",
])("the size of %j is that of its answer, or somewhat more", (text) => {
  const { estimated, real } = sizes(text);
  expect(estimated).toBeGreaterThanOrEqual(real * 0.9);
  expect(estimated).toBeLessThanOrEqual(real * 4);
});

test.each([
  '{ __type(name: "Big") { fields { type { fields { name } } } } }',
  "{ __schema { types { fields { type { fields { name } } } } } }",
  "{ __schema { types { possibleTypes { fields { name } } interfaces { fields { name } } } } }",
])("the size of %j is never less than that of its answer", (text) => {
  const { estimated, real } = sizes(text);
  expect(estimated).toBeGreaterThanOrEqual(real);
});

test("what is not about the schema has no size", () => {
  const document = parse("{ a { ...B } } fragment B on Big { name f0 { name } }");
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("No operation.");
  expect(createIntrospectionMeasure(schema).size(document, operation)).toBe(0);
});

test("measuring takes no longer than the document is long, whatever it measures", () => {
  const fragments = Array.from(
    { length: 1_000 },
    (_, level) =>
      `fragment F${level} on __Type { a: ofType { ...F${level + 1} } b: ofType { ...F${level + 1} } }`,
  );
  const document = parse(
    `{ __schema { types { ...F0 } } } ${fragments.join(" ")} fragment F1000 on __Type { name }`,
  );
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("No operation.");
  const { size, limit } = createIntrospectionMeasure(schema);
  expect(size(document, operation)).toBeGreaterThan(1e100);
  expect(limit).toBe(100_000);
});

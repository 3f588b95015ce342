import { type DocumentNode, Kind, parse, print, stripIgnoredCharacters } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaText } from "./schema-text.ts";
import { type RunningSupergraph, startSupergraph } from "./supergraph.ts";

// What the public Federation subgraph-compatibility checks ask of a subgraph itself, of one on subgraph-kit.

let supergraph: RunningSupergraph;
let sdl: string;

beforeAll(async () => {
  supergraph = await startSupergraph();
  const { data } = await supergraph.askProducts("{ _service { sdl } }");
  sdl = (data as { _service: { sdl: string } })._service.sdl;
});

afterAll(() => supergraph?.stop());

/** The fields of each type, with arguments and types, in a text each; without what each subgraph has. */
function fieldsOf(document: DocumentNode): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION)
      continue;
    const name = definition.name.value;
    if (name.startsWith("_")) continue;
    const own = (definition.fields ?? [])
      .filter((field) => !field.name.value.startsWith("_"))
      .map((field) => print({ ...field, directives: [] }));
    fields.set(name, [...(fields.get(name) ?? []), ...own].toSorted());
  }
  return fields;
}

describe("_service", () => {
  test("tells the schema as it was written", () => {
    const expected = fieldsOf(parse(schemaText("products")));
    expect(fieldsOf(parse(sdl))).toEqual(expected);
    expect([...expected.keys()].length).toBeGreaterThan(8);
  });

  test.each([
    ["@key of one field", 'type User@extends@key(fields:"email")'],
    ["@key of two fields", 'type DeprecatedProduct@key(fields:"sku package")'],
    ["@key with an object", 'type ProductResearch@key(fields:"study { caseNumber }")'],
    [
      "@key more than once",
      'type Product@custom@key(fields:"id")@key(fields:"sku package")@key(fields:"sku variation { id }")',
    ],
    [
      "@requires",
      'averageProductsCreatedPerYear:Int@requires(fields:"totalProductsCreated yearsOfEmployment")',
    ],
    ["@provides", 'createdBy:User@provides(fields:"totalProductsCreated")'],
    ["@external", "yearsOfEmployment:Int!@external"],
    ["@shareable", "type ProductDimension@shareable"],
    ["@override", 'name:String@override(from:"users")'],
    ["@inaccessible", "unit:String@inaccessible"],
    ["@tag", 'notes:String@tag(name:"internal")'],
    ["@interfaceObject", 'type Inventory@interfaceObject@key(fields:"id")'],
    ["@composeDirective", '@composeDirective(name:"@custom")'],
    ["the definition of what it composes", "directive@custom on OBJECT"],
  ])("tells %s", (_name, text) => {
    expect(stripIgnoredCharacters(sdl)).toContain(text);
  });

  test("links the one version of the federation that it is written for, and what it composes", () => {
    const links = [...stripIgnoredCharacters(sdl).matchAll(/@link\(url:"([^"]+)" import:\[([^\]]*)\]/g)];
    expect(links.map(([, url]) => url)).toEqual([
      "https://specs.apollo.dev/federation/v2.3",
      "https://myspecs.dev/myCustomDirective/v1.0",
    ]);
    expect(links[1]?.[2]).toBe('"@custom"');
  });
});

test("the types of the federation are there", async () => {
  const { data } = await supergraph.askProducts(`{
    service: __type(name: "_Service") { kind fields { name type { kind ofType { name kind } } } }
    entity: __type(name: "_Entity") { kind possibleTypes { name } }
    any: __type(name: "_Any") { kind }
    fieldSet: __type(name: "federation__FieldSet") { kind }
    purpose: __type(name: "link__Purpose") { kind enumValues { name } }
  }`);
  expect(data).toMatchObject({
    service: {
      kind: "OBJECT",
      // The checks ask for `String!`, as the specification does; @apollo/subgraph has `String`.
      fields: [{ name: "sdl", type: { kind: "SCALAR", ofType: null } }],
    },
    entity: { kind: "UNION" },
    any: { kind: "SCALAR" },
    fieldSet: { kind: "SCALAR" },
    purpose: { kind: "ENUM", enumValues: [{ name: "SECURITY" }, { name: "EXECUTION" }] },
  });
  const { possibleTypes } = (data as { entity: { possibleTypes: { name: string }[] } }).entity;
  expect(possibleTypes.map(({ name }) => name).toSorted()).toEqual([
    "DeprecatedProduct",
    "Inventory",
    "Product",
    "ProductResearch",
    "User",
  ]);
});

test.each([
  [
    "User { email name }",
    { email: "support@apollographql.com" },
    { email: "support@apollographql.com", name: "Jane Smith" },
  ],
  ["Product { id sku }", { id: "apollo-federation" }, { id: "apollo-federation", sku: "federation" }],
  [
    "Product { id sku }",
    { sku: "federation", package: "@apollo/federation" },
    { id: "apollo-federation", sku: "federation" },
  ],
  [
    "Product { id sku }",
    { sku: "studio", variation: { id: "platform" } },
    { id: "apollo-studio", sku: "studio" },
  ],
  [
    "DeprecatedProduct { sku package reason }",
    { sku: "apollo-federation-v1", package: "@apollo/federation-v1" },
    { sku: "apollo-federation-v1", package: "@apollo/federation-v1", reason: "Migrate to Federation V2" },
  ],
  [
    "ProductResearch { study { caseNumber description } }",
    { study: { caseNumber: "1234" } },
    { study: { caseNumber: "1234", description: "Federation Study" } },
  ],
  [
    "Inventory { id deprecatedProducts { sku } }",
    { id: "apollo-oss" },
    { id: "apollo-oss", deprecatedProducts: [{ sku: "apollo-federation-v1" }] },
  ],
])("_entities resolves %s by %j", async (selection, key, entity) => {
  const [type = ""] = selection.split(" ");
  expect(
    await supergraph.askProducts(
      `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${selection} } }`,
      { representations: [{ __typename: type, ...key }] },
    ),
  ).toEqual({ data: { _entities: [entity] } });
});

test("what is provided, and what is inaccessible to others, is there for who asks the subgraph itself", async () => {
  expect(
    await supergraph.askProducts(
      "query ($id: ID!) { product(id: $id) { dimensions { unit } createdBy { email totalProductsCreated } } }",
      { id: "apollo-federation" },
    ),
  ).toEqual({
    data: {
      product: {
        dimensions: { unit: "kg" },
        createdBy: { email: "support@apollographql.com", totalProductsCreated: 1337 },
      },
    },
  });
});

test("traces are not to be had: subgraph-kit leaves them out, as they tell of errors what clients must not know", async () => {
  const answer = await supergraph.askProducts("{ __typename }", undefined, {
    "apollo-federation-include-trace": "ftv1",
  });
  expect(answer).toEqual({ data: { __typename: "Query" } });
});

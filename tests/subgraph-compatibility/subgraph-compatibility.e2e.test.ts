import { Kind, type ObjectTypeDefinitionNode, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningSupergraph, startSupergraph } from "./supergraph.ts";

// Every directive of the schema of the public Federation subgraph-compatibility checks, through our gateway.

let supergraph: RunningSupergraph;

beforeAll(async () => {
  supergraph = await startSupergraph();
});

afterAll(() => supergraph?.stop());

/** What our gateway answers, which is what Apollo Gateway answers, and the calls that it made. */
async function ask(query: string, variables?: object) {
  const { answer, calls } = await supergraph.ask(query, variables);
  expect(answer).toEqual(await supergraph.askStock(query, variables));
  return { answer, calls, subgraphs: calls.map(({ subgraph }) => subgraph) };
}

const FEDERATION = { id: "apollo-federation" };

describe("@key", () => {
  test("of one field", async () => {
    const { answer, calls } = await ask('{ inventory(id: "apollo-oss") { products { id sku notes } } }');
    expect(answer).toEqual({
      data: {
        inventory: {
          products: [
            { id: "apollo-federation", sku: "federation", notes: null },
            { id: "apollo-studio", sku: "studio", notes: null },
          ],
        },
      },
    });
    expect(calls[1]?.representations).toEqual([
      { __typename: "Product", id: "apollo-federation" },
      { __typename: "Product", id: "apollo-studio" },
    ]);
  });

  test("of two fields, and no entity where there is none", async () => {
    const { answer, calls } = await ask(
      "{ shelf { byPackage { id variation { id } } deprecated { sku reason createdBy { email } } } }",
    );
    expect(answer).toEqual({
      data: {
        shelf: [
          {
            byPackage: { id: "apollo-federation", variation: { id: "OSS" } },
            deprecated: {
              sku: "apollo-federation-v1",
              reason: "Migrate to Federation V2",
              createdBy: { email: "support@apollographql.com" },
            },
          },
          {
            byPackage: { id: "apollo-studio", variation: { id: "platform" } },
            deprecated: { sku: "none", reason: null, createdBy: null },
          },
        ],
      },
    });
    expect(calls.flatMap(({ representations }) => representations)).toEqual(
      expect.arrayContaining([
        { __typename: "Product", sku: "federation", package: "@apollo/federation" },
        { __typename: "Product", sku: "studio", package: "" },
        { __typename: "DeprecatedProduct", sku: "apollo-federation-v1", package: "@apollo/federation-v1" },
      ]),
    );
  });

  test("with an object in it", async () => {
    const { answer, calls } = await ask(
      "{ shelf { research { study { caseNumber description } outcome } } }",
    );
    expect(answer.data?.shelf).toEqual([
      { research: { study: { caseNumber: "1235", description: "Studio Study" }, outcome: null } },
      { research: { study: { caseNumber: "none", description: null }, outcome: null } },
    ]);
    expect(calls[1]?.representations[0]).toEqual({
      __typename: "ProductResearch",
      study: { caseNumber: "1235" },
    });
  });

  test("of a field and of an object", async () => {
    const { answer, calls } = await ask("{ variations { id package dimensions { size } } }");
    expect(answer.data?.variations).toEqual([
      { id: "apollo-studio", package: "", dimensions: { size: "small" } },
      { id: "apollo-federation", package: "@apollo/federation", dimensions: { size: "small" } },
    ]);
    expect(calls[1]?.representations).toEqual([
      { __typename: "Product", sku: "studio", variation: { id: "platform" } },
      { __typename: "Product", sku: "federation", variation: { id: "OSS" } },
    ]);
  });
});

describe("@requires and @external", () => {
  test("of fields of an object, with an argument of the client's", async () => {
    const { answer, calls } = await ask(
      "query ($id: ID!, $zip: String) { product(id: $id) { delivery(zip: $zip) { estimatedDelivery } } }",
      { ...FEDERATION, zip: "94111" },
    );
    expect(answer).toEqual({ data: { product: { delivery: { estimatedDelivery: "5/1/2019" } } } });
    expect(calls[1]).toMatchObject({
      subgraph: "inventory",
      representations: [{ id: "apollo-federation", dimensions: { size: "small", weight: 1 } }],
    });
  });

  test("of two fields, for a field that goes back to the subgraph that asked", async () => {
    const { answer, subgraphs } = await ask(
      "query ($id: ID!) { product(id: $id) { createdBy { averageProductsCreatedPerYear email } } }",
      FEDERATION,
    );
    expect(answer).toEqual({
      data: {
        product: { createdBy: { averageProductsCreatedPerYear: 134, email: "support@apollographql.com" } },
      },
    });
    expect(subgraphs).toEqual(["products", "users", "products"]);
  });

  test("of an entity that one subgraph does not know", async () => {
    const { answer } = await ask("{ shelf { author { averageProductsCreatedPerYear } } }");
    expect(answer.data?.shelf).toEqual([
      { author: { averageProductsCreatedPerYear: 1 } },
      { author: { averageProductsCreatedPerYear: null } },
    ]);
  });
});

test("@provides: what comes with a parent is not fetched from where it is at home", async () => {
  const { answer, subgraphs } = await ask(
    "query ($id: ID!) { product(id: $id) { createdBy { email totalProductsCreated } } }",
    FEDERATION,
  );
  expect(answer.data).toEqual({
    product: { createdBy: { email: "support@apollographql.com", totalProductsCreated: 1337 } },
  });
  expect(subgraphs).toEqual(["products"]);
  const elsewhere = await ask(
    '{ deprecatedProduct(sku: "apollo-federation-v1", package: "@apollo/federation-v1") { createdBy { totalProductsCreated } } }',
  );
  expect(elsewhere.answer.data).toEqual({ deprecatedProduct: { createdBy: { totalProductsCreated: 10 } } });
  expect(elsewhere.subgraphs).toEqual(["products", "users"]);
});

test("@shareable: a type that two subgraphs have comes from the one that is asked", async () => {
  const { answer, subgraphs } = await ask(
    "query ($id: ID!) { product(id: $id) { dimensions { size weight } } }",
    FEDERATION,
  );
  expect(answer).toEqual({ data: { product: { dimensions: { size: "small", weight: 1 } } } });
  expect(subgraphs).toEqual(["products"]);
});

test("@override: a field comes from its new subgraph, and never from the old one", async () => {
  const { answer, calls } = await ask("{ shelf { author { name yearsOfEmployment } } }");
  expect(answer.data?.shelf).toEqual([
    { author: { name: "Jane Smith", yearsOfEmployment: 10 } },
    { author: null },
  ]);
  expect(calls.filter(({ query }) => /\bname\b/.test(query)).map(({ subgraph }) => subgraph)).toEqual([
    "products",
  ]);
});

test("@inaccessible: a field is nowhere to be seen", async () => {
  const { answer, calls } = await ask(
    "query ($id: ID!) { product(id: $id) { dimensions { unit } } }",
    FEDERATION,
  );
  expect(answer.data).toBeUndefined();
  expect(answer.errors).toMatchObject([{ message: 'Cannot query field "unit" on type "ProductDimension".' }]);
  expect(calls).toEqual([]);
  const { answer: introspected } = await ask('{ __type(name: "ProductDimension") { fields { name } } }');
  expect(introspected.data).toEqual({ __type: { fields: [{ name: "size" }, { name: "weight" }] } });
});

test("@interfaceObject: all that implement an interface get fields from a subgraph that knows none of them", async () => {
  const { answer, calls } = await ask(
    "query ($id: ID!) { inventory(id: $id) { __typename id deprecatedProducts { sku reason } ... on OpenSourceInventory { products { id } } } }",
    { id: "apollo-oss" },
  );
  expect(answer).toEqual({
    data: {
      inventory: {
        __typename: "OpenSourceInventory",
        id: "apollo-oss",
        deprecatedProducts: [{ sku: "apollo-federation-v1", reason: "Migrate to Federation V2" }],
        products: [{ id: "apollo-federation" }, { id: "apollo-studio" }],
      },
    },
  });
  expect(calls[1]).toMatchObject({
    subgraph: "products",
    representations: [{ __typename: "Inventory", id: "apollo-oss" }],
  });
});

test("@extends: a type that begins elsewhere is one type", async () => {
  const { answer } = await ask('{ __type(name: "User") { fields { name } } }');
  expect(answer.data).toEqual({
    __type: {
      fields: [
        "averageProductsCreatedPerYear",
        "email",
        "name",
        "totalProductsCreated",
        "yearsOfEmployment",
      ].map((name) => ({ name })),
    },
  });
});

test("@tag, @composeDirective and @link: what is said of the schema reaches the supergraph, and no client", async () => {
  expect(supergraph.sdl).toMatch(/notes: String .*@tag\(name: "internal"\)/);
  expect(supergraph.sdl).toContain(
    '@link(url: "https://myspecs.dev/myCustomDirective/v1.0", import: ["@custom"])',
  );
  const product = parse(supergraph.sdl).definitions.find(
    (definition): definition is ObjectTypeDefinitionNode =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === "Product",
  );
  expect(product?.directives?.map(({ name }) => name.value)).toContain("custom");
  const { answer } = await ask("query ($id: ID!) { product(id: $id) { notes } }", FEDERATION);
  expect(answer).toEqual({ data: { product: { notes: null } } });
  const { answer: introspected } = await ask("{ __schema { directives { name } } }");
  const names = (
    introspected.data as { __schema: { directives: { name: string }[] } }
  ).__schema.directives.map(({ name }) => name);
  expect(names).not.toContain("tag");
  expect(names).not.toContain("link");
});

test("@deprecated: a field says so, and is answered", async () => {
  const { answer } = await ask(
    '{ __type(name: "Query") { fields(includeDeprecated: true) { name deprecationReason } } deprecatedProduct(sku: "apollo-federation-v1", package: "@apollo/federation-v1") { reason } }',
  );
  expect(answer.data).toMatchObject({
    deprecatedProduct: { reason: "Migrate to Federation V2" },
    __type: {
      fields: expect.arrayContaining([
        { name: "deprecatedProduct", deprecationReason: "Use product query instead" },
      ]) as unknown,
    },
  });
});

test("everything at once", async () => {
  const { answer } = await ask(`{
    product(id: "apollo-federation") {
      id sku package variation { id } dimensions { size weight } notes
      research { study { caseNumber description } outcome }
      createdBy { averageProductsCreatedPerYear email name totalProductsCreated yearsOfEmployment }
      delivery(zip: "94111") { estimatedDelivery fastestDelivery }
    }
    inventory(id: "apollo-oss") {
      deprecatedProducts { sku package reason createdBy { name yearsOfEmployment } }
      products { id delivery(zip: "94111") { fastestDelivery } createdBy { totalProductsCreated } }
    }
    shelf { byPackage { notes createdBy { name } } research { outcome } author { email totalProductsCreated } }
    variations { research { study { description } } delivery(zip: "1") { fastestDelivery } }
  }`);
  expect(answer.errors).toBeUndefined();
  expect(answer.data?.product).toMatchObject({ delivery: { fastestDelivery: "5/1/2019" } });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

// Entities that do not exist, or not as what they were said to be, and fields that nobody can be asked for.

const catalog: SubgraphFixture = {
  name: "catalog",
  sdl: `
    type Query { film: Film node: Node must: Node! }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String isbn: String! }
    type Film implements Media @key(fields: "id") { id: ID! title: String }
    interface Node @key(fields: "id") { id: ID! }
  `,
  resolvers: {
    Query: { film: () => ({ id: "m1" }) },
    Media: {
      __resolveReference: ({ id }: { id: string }) => ({ __typename: id === "m1" ? "Film" : "Book", id }),
    },
    Book: { title: () => "Book", isbn: () => "978" },
    Film: { title: () => "Film" },
  },
};

const ratings: SubgraphFixture = {
  name: "ratings",
  sdl: `
    type Query { top: [Media] best: Media sure: [Media!] score: Score }
    type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }
    type Score { of: Media! value: Int }
    type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: Int }
  `,
  resolvers: {
    Query: {
      top: () => [{ id: "m1" }, { id: "m2" }],
      best: () => ({ id: "m1" }),
      sure: () => [{ id: "m1" }, { id: "m2" }],
      score: () => ({ of: { id: "m2" }, value: 1 }),
    },
    Media: { stars: () => 5, __resolveReference: (reference: object) => reference },
  },
};

const subgraphs = new Map<string, RunningSubgraph>();
let folder: Awaited<ReturnType<typeof createFolder>>;
let gateway: GatewayProcess;

beforeAll(async () => {
  folder = await createFolder();
  const fixtures = [catalog, ratings];
  for (const fixture of fixtures) subgraphs.set(fixture.name, await startSubgraph(fixture));
  const supergraph = compose(fixtures.map((each) => ({ ...each, url: subgraphs.get(each.name)!.url })));
  gateway = await startGatewayProcess(["--supergraph", await folder.write("supergraph.graphql", supergraph)]);
});

afterEach(() => {
  for (const subgraph of subgraphs.values()) subgraph.misbehave = null;
});

afterAll(async () => {
  await gateway.stop();
  for (const subgraph of subgraphs.values()) await subgraph.stop();
  await folder.remove();
});

/** Has a service answer with these entities, whatever it is asked. */
function tell(service: string, entities: readonly unknown[], errors?: readonly object[]): void {
  subgraphs.get(service)!.misbehave = (_, response) =>
    void response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ data: { _entities: entities }, ...(errors === undefined ? {} : { errors }) }));
}

/** Asks, and expects that nothing of it was unforeseen. */
async function told(query: string) {
  const { data, errors, headers } = await ask(gateway.url, query);
  const requestId = headers.get("x-request-id");
  await gateway.logged((line) => line["requestId"] === requestId && line["msg"] === "request");
  const lines = gateway.log().filter((line) => line["requestId"] === requestId);
  expect(lines.map((line) => line["msg"])).not.toContain("unforeseen error");
  return { data, errors };
}

describe("an entity behind an interface", () => {
  const kinds = { "whose type is asked for": "__typename title", "of which a field is asked for": "title" };

  test.each(Object.entries(kinds))("that there is not is null, %s", async (_, selection) => {
    tell("catalog", [null]);
    expect(await told(`{ best { ${selection} } }`)).toEqual({
      data: { best: selection.startsWith("__") ? null : { title: null } },
      errors: [],
    });
  });

  test("that there is not is null in a list, or makes what may not have it null", async () => {
    tell("catalog", [{ __typename: "Film", title: "F" }, null]);
    expect(await told("{ top { __typename title } }")).toEqual({
      data: { top: [{ __typename: "Film", title: "F" }, null] },
      errors: [],
    });
    const { data, errors } = await told("{ sure { __typename title } }");
    expect(data).toEqual({ sure: null });
    expect(errors).toEqual([
      {
        message: 'The service "catalog" gave null for the non-null array element of type Media at index 1.',
        path: ["sure", 1],
        extensions: { code: "SUBGRAPH_NULL_FOR_NON_NULL", service: "catalog" },
      },
    ]);
  });

  test.each([
    ["without a type", { title: "F" }],
    ["of the interface for a type", { __typename: "Media", title: "F" }],
    ["of no type for a type", { __typename: null, title: "F" }],
  ])("that is told %s is null, with an error", async (_, entity) => {
    tell("catalog", [entity]);
    const { data, errors } = await told("{ best { __typename title } }");
    expect(data).toEqual({ best: null });
    expect(errors).toEqual([
      {
        message: 'The service "catalog" gave an answer that cannot be used.',
        path: ["best"],
        extensions: { code: "SUBGRAPH_INVALID_RESPONSE", service: "catalog" },
      },
    ]);
  });

  test.each(["Nobody", "Query", 7])("that is told to be of %s is null, with an error", async (type) => {
    tell("catalog", [{ __typename: type, title: "F" }]);
    const { data, errors } = await told("{ score { value of { __typename title } } }");
    expect(data).toEqual({ score: null });
    expect(errors.map(({ path, extensions }) => [path, extensions["code"]])).toEqual([
      [["score", "of"], "SUBGRAPH_INVALID_RESPONSE"],
    ]);
  });
});

test("a field that is null and may not be says which field it is and whose", async () => {
  subgraphs.get("catalog")!.misbehave = (_, response) =>
    void response
      .writeHead(200, { "content-type": "application/json" })
      .end('{"data":{"_entities":[{"__typename":"Book","title":"B","isbn":null}]}}');
  const { data, errors } = await told("{ best { title ... on Book { isbn } } }");
  expect(data).toEqual({ best: null });
  expect(errors).toEqual([
    {
      message: 'The service "catalog" gave null for the non-null field Book.isbn.',
      path: ["best", "isbn"],
      extensions: { code: "SUBGRAPH_NULL_FOR_NON_NULL", service: "catalog" },
    },
  ]);
});

test("what no service can tell has a code of its own, at its place", async () => {
  expect(await told("{ node { field } }")).toEqual({
    data: { node: null },
    errors: [
      {
        message: expect.stringContaining("No subgraph can tell the field Query.node here"),
        path: ["node"],
        extensions: { code: "UNRESOLVABLE_FIELD" },
      },
    ],
  });
  const { data, errors } = await told("{ must { field } }");
  expect(data).toBeNull();
  expect(errors.map(({ path, extensions }) => [path, extensions["code"]])).toEqual([
    [["must"], "UNRESOLVABLE_FIELD"],
  ]);
});

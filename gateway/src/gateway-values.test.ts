import { GraphQLError, GraphQLScalarType, Kind } from "graphql";
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

/** Takes "ok" alone, and tells the place of another literal or not, as scalars of libraries do. */
const scalar = (name: string, tellsPlace: boolean) =>
  new GraphQLScalarType({
    name,
    parseValue(value) {
      if (value !== "ok") throw new GraphQLError(`It is no ${name}.`);
      return value;
    },
    parseLiteral(node) {
      if (node.kind === Kind.STRING && node.value === "ok") return "ok";
      throw new GraphQLError(`It is no ${name}.`, tellsPlace ? { nodes: node } : {});
    },
  });

const items: SubgraphFixture = {
  name: "items",
  sdl: `
    scalar Code
    scalar Hidden
    scalar Any
    input Filter { code: Code codes: [Code!] filter: Filter number: Float }
    type Query {
      plain: String coded(code: Code): String hidden(code: Hidden): String any(value: Any): String
      filtered(filter: Filter): String item: Item items: [Item] counted(number: Float, list: [Int]): String
      strict(code: Code): String!
    }
    type Mutation { act(code: Code): String other: String }
    type Item @key(fields: "id") { id: ID! own(code: Code): String name: String }
  `,
  resolvers: {
    Code: scalar("Code", true),
    Hidden: scalar("Hidden", false),
    Query: {
      plain: () => "plain",
      coded: () => "coded",
      hidden: () => "hidden",
      any: (_: unknown, { value }: { value: unknown }) => JSON.stringify(value),
      filtered: () => "filtered",
      item: () => ({ id: "1", name: "one" }),
      items: () => [
        { id: "1", name: "one" },
        { id: "2", name: "two" },
      ],
      counted: () => "counted",
      strict: () => "strict",
    },
    Mutation: { act: () => "acted", other: () => "other" },
    Item: { own: () => "own" },
  },
};

const reviews: SubgraphFixture = {
  name: "reviews",
  sdl: `
    scalar Code
    type Query { rate: Int }
    type Item @key(fields: "id") { id: ID! review(code: Code): String stars: Int }
  `,
  resolvers: {
    Code: scalar("Code", true),
    Query: { rate: () => 1 },
    Item: { __resolveReference: (one: object) => one, review: () => "good", stars: () => 5 },
  },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let gateway: GatewayProcess;
const subgraphs: RunningSubgraph[] = [];

beforeAll(async () => {
  folder = await createFolder();
  for (const each of [items, reviews]) subgraphs.push(await startSubgraph(each));
  const composed = compose(
    [items, reviews].map((each, at) => Object.assign({}, each, { url: subgraphs[at]!.url })),
  );
  const file = await folder.write("supergraph.graphql", composed);
  gateway = await startGatewayProcess(["--supergraph", file, "--body-limit", "4000000"]);
});

afterAll(async () => {
  await gateway.stop();
  for (const each of subgraphs) await each.stop();
  await folder.remove();
});

/** What the client sent is at fault: nothing of it is for whoever runs the gateway. */
function expectQuietLog(): void {
  expect(gateway.log().filter(({ level }) => Number(level) >= 40)).toEqual([]);
}
afterEach(expectQuietLog);

/** Often enough for generated code, and for the fast path past Apollo Server. */
async function askOften(query: string, variables?: object) {
  for (let times = 0; times < 3; times++) await ask(gateway.url, query, variables && { variables });
  const { status, data, errors } = await ask(gateway.url, query, variables && { variables });
  return {
    status,
    data,
    errors: errors.map(({ path, extensions }) => [path?.join("."), extensions["code"]]),
  };
}

const refused = (...paths: string[]) => paths.map((path) => [path, "BAD_USER_INPUT"]);

describe("a value that a service's scalar refused cost all of the service's fields, as an internal error", () => {
  test.each([
    ["a literal", `{ plain coded(code: "bad") }`, { plain: "plain", coded: null }, ["coded"]],
    ["a literal of another kind", `{ plain coded(code: 1.5) }`, { plain: "plain", coded: null }, ["coded"]],
    [
      "two",
      `{ a: coded(code: 1) b: coded(code: "ok") c: coded(code: 2) }`,
      { a: null, b: "coded", c: null },
      ["a", "c"],
    ],
    [
      "one whose place is not told",
      `{ plain hidden(code: "bad") }`,
      { plain: "plain", hidden: null },
      ["hidden"],
    ],
    [
      "one in an input",
      `{ plain filtered(filter: { filter: { code: "bad" } }) }`,
      { plain: "plain", filtered: null },
      ["filtered"],
    ],
    [
      "one in a list",
      `{ plain filtered(filter: { codes: ["ok", 7] }) }`,
      { plain: "plain", filtered: null },
      ["filtered"],
    ],
    [
      "below an object",
      `{ item { own(code: "bad") name } }`,
      { item: { own: null, name: "one" } },
      ["item.own"],
    ],
    [
      "below a list",
      `{ items { name own(code: "bad") } plain }`,
      {
        items: [
          { name: "one", own: null },
          { name: "two", own: null },
        ],
        plain: "plain",
      },
      ["items.0.own", "items.1.own"],
    ],
    [
      "of an entity",
      `{ items { name review(code: "bad") stars } }`,
      {
        items: [
          { name: "one", review: null, stars: 5 },
          { name: "two", review: null, stars: 5 },
        ],
      },
      ["items.0.review", "items.1.review"],
    ],
    ["as all of a fetch", `{ coded(code: "bad") }`, { coded: null }, ["coded"]],
    [
      "in a fragment used twice",
      `{ item { ...F } items { ...F } } fragment F on Item { name own(code: 1) }`,
      {
        item: { name: "one", own: null },
        items: [
          { name: "one", own: null },
          { name: "two", own: null },
        ],
      },
      ["item.own", "items.0.own", "items.1.own"],
    ],
  ])("%s", async (_, query, data, paths) => {
    expect(await askOften(query)).toEqual({ status: 200, data, errors: refused(...paths) });
  });

  test("a variable, as all that uses it", async () => {
    const query = `query ($c: Code, $l: [Code!]) { plain coded(code: $c) a: filtered(filter: { code: $c }) b: filtered(filter: { codes: $l }) }`;
    expect(await askOften(query, { c: "bad", l: ["ok"] })).toEqual({
      status: 200,
      data: { plain: "plain", coded: null, a: null, b: "filtered" },
      errors: refused("coded", "a"),
    });
  });

  test("a field that is not nullable takes its parent along", async () => {
    const { data, errors } = await askOften(`{ plain strict(code: "bad") }`);
    expect([data, errors.map(([, code]) => code)]).toEqual([null, ["BAD_USER_INPUT"]]);
  });

  test("a mutation is refused as a whole, and nothing is done", async () => {
    const { data, errors } = await askOften(`mutation { act(code: "bad") other }`);
    expect([data, errors]).toEqual([{ act: null, other: null }, refused("act", "other")]);
    expect((await ask(gateway.url, `mutation { act(code: "ok") other }`)).data).toEqual({
      act: "acted",
      other: "other",
    });
  });

  test("values that are taken are asked for once", async () => {
    for (const each of subgraphs) each.received.length = 0;
    const { errors } = await ask(
      gateway.url,
      `{ plain coded(code: "ok") any(value: { a: [1, { b: "x" }] }) }`,
    );
    expect([errors, subgraphs.map(({ received }) => received.length)]).toEqual([[], [1, 0]]);
  });
});

describe("what nests too deep, or is no number, was an internal error", () => {
  const nested = (levels: number, open: string, close: string, inner: string) =>
    open.repeat(levels) + inner + close.repeat(levels);
  const json = (levels: number, open: string, close: string) =>
    JSON.parse(nested(levels, open, close, "1")) as unknown;

  test.each([
    ["lists", `{ counted(list: ${nested(5000, "[", "]", "1")}) }`],
    ["lists of a scalar that takes all", `{ any(value: ${nested(250, "[", "]", "1")}) }`],
    ["inputs", `{ filtered(filter: ${nested(3000, "{ filter:", "}", "{}")}) }`],
    ["selections", nested(6000, "{ item", "}", "{ id }")],
    ["fragments without a condition", `{ ${nested(3000, "... {", "}", " plain ")} }`],
    ["types of variables", `query ($a: ${nested(3000, "[", "]", "Int")}) { plain }`],
    ["arguments of directives", `{ plain ${nested(3000, "@include(if: ", ")", "true")} }`],
    ["introspection", `{ __schema { types ${nested(300, "{ fields { type ", "} }", "{ name }")} } }`],
    ["no GraphQL at all", "[".repeat(100_000)],
  ])("%s in a document", async (_, query) => {
    const { status, errors } = await ask(gateway.url, query);
    expect([status, errors.map(({ extensions }) => extensions["code"])]).toEqual([400, ["QUERY_TOO_LARGE"]]);
  });

  test("brackets in strings and comments nest nothing", async () => {
    const query = `{ any(value: ["${"[".repeat(300)}", """${"{".repeat(300)} \\""" """]) # ${"(".repeat(300)}\n }`;
    expect((await ask(gateway.url, query)).errors).toEqual([]);
  });

  test.each([
    ["lists", `query ($v: [Int]) { plain counted(list: $v) }`, json(5000, "[", "]")],
    ["inputs", `query ($v: Filter) { plain filtered(filter: $v) }`, json(3000, '{"filter":', "}")],
    ["a scalar that takes all", `query ($v: Any) { plain any(value: $v) }`, json(201, "[", "]")],
  ])("%s in a variable", async (_, query, value) => {
    // Known operations, too, which go past Apollo Server.
    for (let times = 0; times < 3; times++)
      expect((await ask(gateway.url, query, { variables: { v: null } })).errors).toEqual([]);
    for (let times = 0; times < 3; times++) {
      const { status, errors } = await ask(gateway.url, query, { variables: { v: value } });
      expect([status, errors]).toMatchObject([400, [{ extensions: { code: "BAD_USER_INPUT" } }]]);
      expect(errors[0]?.message).toContain('"$v" nests too deep; at most 200 levels');
    }
  });

  test("as deep as may be is taken, in a time that does not double with each level", async () => {
    const query = `{ any(value: ${nested(198, "[", "]", "1")}) }`;
    expect((await ask(gateway.url, query)).data).toEqual({ any: nested(198, "[", "]", "1") });
    const variables = { v: json(200, "[", "]") };
    expect((await ask(gateway.url, `query ($v: Any) { any(value: $v) }`, { variables })).errors).toEqual([]);
  });

  test.each(["1e400", "-1e999", "9".repeat(400)])("the literal %s", async (number) => {
    for (const query of [`{ counted(number: ${number}) }`, `{ any(value: [{ a: ${number} }]) }`]) {
      const { status, errors } = await ask(gateway.url, query);
      expect([status, errors[0]?.extensions["code"]]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
    }
  });

  test("1e400 in a variable, which went on as null", async () => {
    for (const query of ["query ($v: Any) { any(value: $v) }", "query ($v: Float) { counted(number: $v) }"]) {
      for (let times = 0; times < 3; times++) await ask(gateway.url, query, { variables: { v: 1 } });
      const response = await fetch(`${gateway.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"query":${JSON.stringify(query)},"variables":{"v":1e400}}`,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] });
    }
  });

  test("introspection that goes round in circles is a fault of the document", async () => {
    const query = `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`;
    const { status, errors } = await ask(gateway.url, query);
    expect([status, errors[0]?.extensions["code"]]).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
  });

  test("fragments that spread each other as often as a document can", async () => {
    const fragments = Array.from({ length: 1500 }, (_, at) => `fragment F${at} on Query { ...F${at + 1} }`);
    const query = `{ ...F0 } ${fragments.join(" ")} fragment F1500 on Query { plain }`;
    const { status, errors } = await ask(gateway.url, query);
    expect([status, errors]).toEqual([200, []]);
  });
});

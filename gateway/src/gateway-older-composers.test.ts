import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  createIssuerFixture,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

// Composers that came before MISSING_TRANSITIVE_AUTH_REQUIREMENTS leave all of this to the gateway. Today's refuse it, so
// that the directives are written into the supergraph afterwards, at the elements marked so.
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@external", "@requires", "@interfaceObject", "@shareable", "@authenticated"
])\n`;

const catalogue: SubgraphFixture = {
  name: "catalogue",
  sdl: `${link}
    type Query { item: Item items: [Item] book: Book film: Film open: Int }
    interface Item @key(fields: "id") { id: ID! price: Int }
    type Book implements Item @key(fields: "id") { id: ID! price: Int pages: Pages }
    type Film implements Item @key(fields: "id") { id: ID! price: Int }
    type Pages @shareable { count: Int }
  `,
  resolvers: {
    Query: {
      item: () => ({ __typename: "Book", id: "1", price: 42, pages: { count: 7 } }),
      items: () => [{ __typename: "Book", id: "1", price: 42, pages: { count: 7 } }],
      book: () => ({ id: "1", price: 42, pages: { count: 7 } }),
      film: () => ({ id: "2", price: 43 }),
      open: () => 1,
    },
    Book: { __resolveReference: () => ({ id: "1", price: 42, pages: { count: 7 } }) },
    Film: { __resolveReference: () => ({ id: "2", price: 43 }) },
    Item: { __resolveReference: () => ({ __typename: "Book", id: "1", price: 42, pages: { count: 7 } }) },
  },
};

const reviews: SubgraphFixture = {
  name: "reviews",
  sdl: `${link}
    type Query { rating: Int }
    type Book @key(fields: "id") {
      id: ID!
      price: Int @external
      pages: Pages @external
      tax: Int @requires(fields: "price")
      advice: String @requires(fields: "pages { count }")
      free: Int
    }
    type Pages { count: Int @external }
    type Film @key(fields: "id") { id: ID! }
  `,
  resolvers: {
    Query: { rating: () => 5 },
    Book: {
      __resolveReference: (one: object) => one,
      tax: ({ price }: { price: number }) => price / 2,
      advice: ({ pages }: { pages: { count: number } }) => `${pages.count} pages`,
      free: () => 0,
    },
  },
};

const taxes: SubgraphFixture = {
  name: "taxes",
  sdl: `${link}
    type Query { rate: Int }
    type Book @key(fields: "id") { id: ID! tax: Int @external sum: Int @requires(fields: "tax") }
  `,
  resolvers: {
    Query: { rate: () => 5 },
    Book: { __resolveReference: (one: object) => one, sum: ({ tax }: { tax: number }) => tax * 2 },
  },
};

const ratings: SubgraphFixture = {
  name: "ratings",
  sdl: `${link}
    type Query { best: Item }
    type Item @key(fields: "id") @interfaceObject { id: ID! notes: String }
  `,
  resolvers: {
    Query: { best: () => ({ id: "1" }) },
    Item: { __resolveReference: (one: object) => one, notes: () => "SECRET NOTES" },
  },
};

let folder: Awaited<ReturnType<typeof createFolder>>;
let issuer: Awaited<ReturnType<typeof createIssuerFixture>>;
let gateway: GatewayProcess;
const subgraphs: RunningSubgraph[] = [];

/** Puts `@authenticated` behind the first occurrence of a field in a type. */
function guard(sdl: string, type: string, field: string): string {
  const guarded = sdl.replace(
    new RegExp(`(\\n(?:type|interface) ${type}\\b[^{]*{[^}]*?\\n  ${field}\\b[^\\n]*)`),
    "$1 @authenticated",
  );
  if (guarded === sdl) throw new Error(`There is no ${type}.${field}.`);
  return guarded;
}

beforeAll(async () => {
  folder = await createFolder();
  issuer = await createIssuerFixture();
  const flags = issuer.flags(await folder.write("jwks.json", issuer.jwks));
  for (const each of [catalogue, reviews, taxes, ratings]) subgraphs.push(await startSubgraph(each));
  const urls = new Map(subgraphs.map(({ name, url }) => [name, url]));
  const supergraph = compose(
    [catalogue, reviews, taxes, ratings].map((each) => ({ ...each, url: urls.get(each.name)! })),
  );
  // Composers link what is used, and nothing is used yet.
  const linked = supergraph
    .replace(
      "\n{\n  query:",
      '\n  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)\n{\n  query:',
    )
    .concat("\n\ndirective @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM\n");
  const older = [
    ["Book", "price"],
    ["Pages", "count"],
    ["Item", "notes"],
  ].reduce((sdl, [type, field]) => guard(sdl, type!, field!), linked);
  gateway = await startGatewayProcess(["--supergraph", await folder.write("older.graphql", older), ...flags]);
});

afterAll(async () => {
  await gateway.stop();
  for (const each of subgraphs) await each.stop();
  await folder.remove();
});

describe("supergraphs of older composers showed to anybody", () => {
  test.each([
    ["a protected field seen through its interface", `{ item { price } }`],
    ["the same in a list", `{ items { ...F } } fragment F on Item { price }`],
    ["a field that requires a protected one", `{ book { tax } }`],
    ["a field that requires such a field", `{ book { sum } }`],
    ["a field that requires something below", `{ book { advice } }`],
    ["the same through the interface", `{ item { ... on Book { tax advice sum } } }`],
    ["an interface object's protected field", `{ best { notes } }`],
    ["an interface object's protected field on a type", `{ book { notes } film { notes } }`],
  ])("%s", async (_, query) => {
    for (const each of subgraphs) each.received.length = 0;
    const refused = await ask(gateway.url, query);
    expect(refused.text).not.toMatch(/42|21|7|SECRET/);
    expect(new Set(refused.errors.map(({ extensions }) => extensions["code"]))).toEqual(
      new Set(["UNAUTHORIZED_FIELD_OR_TYPE"]),
    );
    const sent = subgraphs.flatMap(({ received }) => received.map(({ body }) => body.query)).join("\n");
    expect(sent).not.toMatch(/price|tax|sum|advice|notes/);
    const token = await issuer.token({ sub: "u" });
    const allowed = await ask(gateway.url, query, { token });
    expect(allowed.errors).toEqual([]);
    expect(allowed.text).toMatch(/42|21|7|SECRET/);
  });

  test("and everybody still sees what needs nothing", async () => {
    const answer = await ask(gateway.url, `{ book { id free } film { price } open best { id } }`);
    expect(answer.errors).toEqual([]);
    expect(answer.data).toMatchObject({ book: { free: 0 }, film: { price: 43 }, open: 1 });
  });
});

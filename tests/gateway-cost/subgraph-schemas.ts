import { hash } from "../differential/random.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external"])`;

/** SDL and resolvers of the subgraphs of the public benchmark of GraphQL gateways, and a catalogue of 400 products. */
export const SUBGRAPHS: Readonly<Record<string, { readonly sdl: string; readonly resolvers: object }>> = {
  accounts: {
    sdl: `${LINK}
type Query { me: User users: [User] }
type User @key(fields: "id") { id: ID! name: String username: String birthday: Int }`,
    resolvers: {
      Query: { me: () => user("1"), users: () => ["1", "2", "3", "4", "5", "6"].map(user) },
      User: { __resolveReference: ({ id }: { id: string }) => user(id) },
    },
  },
  inventory: {
    sdl: `${LINK}
type Product @key(fields: "upc") {
  upc: String! weight: Int @external price: Int @external
  inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
}`,
    resolvers: {
      Product: {
        __resolveReference: (key: { upc: string }) => ({
          ...key,
          inStock: hash(key.upc) % 2 === 0,
        }),
        shippingEstimate: ({ price, weight }: { price: number; weight: number }) => price + weight,
      },
    },
  },
  products: {
    sdl: `${LINK}
type Query { topProducts: [Product] catalogue: [Product] top: Product }
type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
    resolvers: {
      Query: {
        topProducts: () => ["1", "2", "3", "4", "5"].map(product),
        catalogue: () => Array.from({ length: 400 }, (_, index) => product(String(index + 100))),
        top: () => product("1"),
      },
      Product: { __resolveReference: ({ upc }: { upc: string }) => product(upc) },
    },
  },
  reviews: {
    sdl: `${LINK}
type Review @key(fields: "id") { id: ID! body: String author: User product: Product }
type User @key(fields: "id") { id: ID! reviews: [Review] }
type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
    resolvers: {
      User: { reviews: ({ id }: { id: string }) => reviews.filter(({ author }) => author.id === id) },
      Product: {
        reviews: ({ upc }: { upc: string }) =>
          Number(upc) < 100
            ? reviews.filter((each) => each.product.upc === upc)
            : [review(Number(upc) + 1000), review(Number(upc) + 2000)],
      },
    },
  },
};

function user(id: string) {
  return { id, name: `User ${id}`, username: `user-${id}`, birthday: 19700101 };
}

function product(upc: string) {
  return { upc, name: `Product ${upc}`, price: (hash(upc) % 900) + 10, weight: hash(`w${upc}`) % 1000 };
}

function review(number: number) {
  return {
    id: String(number),
    body: `Review ${number}: as expected, and then some more words about it.`,
    author: { id: String((number % 2) + 1) },
    product: { upc: String((number % 3) + 1) },
  };
}

const reviews = Array.from({ length: 11 }, (_, index) => review(index));

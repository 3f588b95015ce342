import {
  CATALOGUE,
  findProduct,
  isInStock,
  PRODUCTS,
  REVIEWS,
  reviewsOf,
  shippingEstimate,
  USERS,
} from "./data.ts";

const LINK = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: ["@key", "@requires", "@provides", "@external", "@shareable"]
)`;

/** SDL and resolvers of the four subgraphs, by name: the public benchmark's, with two more root fields in products. */
export const SUBGRAPHS: Readonly<Record<string, { readonly sdl: string; readonly resolvers: object }>> = {
  accounts: {
    sdl: `${LINK}
type Query { me: User user(id: ID!): User users: [User] }
type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }`,
    resolvers: {
      Query: {
        me: () => USERS[0],
        user: (_: unknown, { id }: { id: string }) => findUser(id),
        users: () => USERS,
      },
      User: { __resolveReference: ({ id }: { id: string }) => findUser(id) },
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
        __resolveReference: (key: { upc: string }) => ({ ...key, inStock: isInStock(key.upc) }),
        shippingEstimate,
      },
    },
  },
  products: {
    sdl: `${LINK}
type Query { topProducts(first: Int = 5): [Product] catalogue: [Product] product(upc: String!): Product }
type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
    resolvers: {
      Query: {
        topProducts: (_: unknown, { first }: { first: number }) => PRODUCTS.slice(0, first),
        catalogue: () => CATALOGUE,
        product: (_: unknown, { upc }: { upc: string }) => findProduct(upc),
      },
      Product: { __resolveReference: ({ upc }: { upc: string }) => findProduct(upc) },
    },
  },
  reviews: {
    sdl: `${LINK}
type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") product: Product }
type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
    resolvers: {
      Review: {
        __resolveReference: ({ id }: { id: string }) => REVIEWS[Number(id) - 1],
        author: () => USERS[0],
      },
      User: { reviews: () => REVIEWS.slice(0, 2) },
      Product: { reviews: ({ upc }: { upc: string }) => reviewsOf(upc) },
    },
  },
};

function findUser(id: string) {
  return USERS.find((user) => user.id === id);
}

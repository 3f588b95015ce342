/** What is asked of the gateway, over and over. */
export interface Work {
  readonly name: string;
  readonly query: string;
  /** Whether each request has a token of its own, so that no two can share anything. */
  readonly ownToken: boolean;
}

const FRAGMENTS = `
fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }`;

const NESTED = `query TestQuery {
  users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User
    reviews { ...Review product { ...Product } } } } } } }
  topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
}${FRAGMENTS}`;

/** The first two are the query of the public benchmark of GraphQL gateways. */
export const WORKS: readonly Work[] = [
  { name: "nested, own tokens", query: NESTED, ownToken: true },
  { name: "nested, all alike", query: NESTED, ownToken: false },
  {
    name: "no repetition",
    query: "{ catalogue { upc name price weight inStock shippingEstimate reviews { id body } } }",
    ownToken: true,
  },
  {
    name: "ten fields",
    query:
      "{ me { id username name } top { upc name price weight inStock shippingEstimate reviews { id } } }",
    ownToken: true,
  },
];

/** What is asked of the gateway, over and over. */
export interface Work {
  readonly key: string;
  readonly name: string;
  readonly query: string;
  /** Whether each request has a token of its own, so that no two can share anything. */
  readonly ownToken: boolean;
  /** How many times less CPU than stock our gateway is to take. */
  readonly aim: number;
  /** The same for our executor behind Apollo Server's standalone server, where there is an aim. */
  readonly dropInAim?: number;
}

// As the public benchmark sends it.
const BENCHMARK = `fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
query TestQuery {
  users {
    ...User
    reviews {
      ...Review
      product {
        ...Product
        reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
      }
    }
  }
  topProducts {
    ...Product
    reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
  }
}`;

export const WORKS: readonly Work[] = [
  {
    key: "own-tokens",
    name: "The public benchmark's query, each request its own token",
    query: BENCHMARK,
    ownToken: true,
    aim: 20,
    dropInAim: 15,
  },
  {
    key: "all-alike",
    name: "The public benchmark's query, all requests alike",
    query: BENCHMARK,
    ownToken: false,
    aim: 200,
  },
  {
    key: "no-repetition",
    name: "400 products without repetition, each request its own token",
    query: `query Catalogue {
  catalogue { upc name price weight inStock shippingEstimate reviews { id body } }
}`,
    ownToken: true,
    aim: 8,
  },
  {
    key: "ten-fields",
    name: "Ten fields, each request its own token",
    query: `query Start {
  me { id username name }
  product(upc: "1") { upc name price weight inStock shippingEstimate reviews { id } }
}`,
    ownToken: true,
    aim: 10,
  },
];

import type { ProductResolvers } from "../generated/resolvers.ts";

export const Product: ProductResolvers = {
  __resolveReference: ({ id }, { products }) => products.byId(id),
  price: (product, { currency }, { products }) => products.priceOf(product, currency),
};

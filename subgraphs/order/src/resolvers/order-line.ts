import { priceOfAll, priceOfOne } from "../domain/order-lines.ts";
import type { OrderLineResolvers } from "../generated/resolvers.ts";

export const OrderLine: OrderLineResolvers = {
  unitPrice: priceOfOne,
  total: priceOfAll,
};

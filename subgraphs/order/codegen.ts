/**
 * GraphQL type -> what its resolvers get as their parent, `<module>#<type>`, the module relative to src/generated/.
 * A type that is not listed has the shape that the schema gives it.
 */
export const mappers = {
  Money: "../domain/money.ts#Money as MoneyValue",
  Order: "../domain/order-state.ts#OrderRow",
  OrderConnection: "../data/order-queries.ts#OrderConnectionSource",
  OrderHistoryEntry: "../domain/order-history.ts#HistoryEntry",
  Product: "../data/price-list.ts#ProductRow",
  ProductConnection: "../data/price-list.ts#ProductConnectionSource",
  OrderLine: "../domain/order-lines.ts#PricedLine",
};

/**
 * GraphQL type -> what its resolvers get as their parent, `<module>#<type>`, the module relative to src/generated/.
 * A type that is not listed has the shape that the schema gives it.
 */
export const mappers = {
  CustomerHistory: "../data/history-reader.ts#CustomerHistorySource",
  HistoryEntry: "../domain/shown-entry.ts#ShownEntry",
  HistoryEntryConnection: "../data/history-reader.ts#HistoryEntryConnectionSource",
  HistoryOrder: "../domain/shown-entry.ts#ShownOrder",
  HistoryPayment: "../domain/shown-entry.ts#ShownPayment",
  Money: "../domain/money.ts#Money as MoneyValue",
};

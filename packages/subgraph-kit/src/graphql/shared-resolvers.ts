import { CurrencyResolver, DateTimeResolver, SafeIntResolver } from "graphql-scalars";
import { formatMoney, type MoneyValue } from "./money.ts";

/** Resolvers of the types that all subgraphs share: the scalars, `Money`, and the interface of refusals. */
export const sharedResolvers = {
  DateTime: DateTimeResolver,
  SafeInt: SafeIntResolver,
  Currency: CurrencyResolver,
  Money: { formatted: (money: MoneyValue) => formatMoney(money) },
};

export { EmailAddressResolver } from "graphql-scalars";

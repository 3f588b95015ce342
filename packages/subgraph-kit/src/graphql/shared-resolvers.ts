import { DateTimeResolver, SafeIntResolver } from "graphql-scalars";
import { CurrencyScalar } from "./currency-scalar.ts";
import { formatMoney, type MoneyValue } from "../money/money.ts";

/** Resolvers of the types that all subgraphs share: the scalars, `Money`, and the interface of refusals. */
export const sharedResolvers = {
  DateTime: DateTimeResolver,
  SafeInt: SafeIntResolver,
  Currency: CurrencyScalar,
  Money: { formatted: (money: MoneyValue) => formatMoney(money) },
};

export { EmailAddressResolver } from "graphql-scalars";

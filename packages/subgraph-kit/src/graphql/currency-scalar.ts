import { GraphQLError, GraphQLScalarType, Kind } from "graphql";
import { CurrencyResolver } from "graphql-scalars";
import { notCurrency, parseCurrency } from "../money/currency.ts";

/** What stands in the databases: their columns have the same rule. */
const stored = /^[A-Z]{3}$/;

function readInput(value: unknown): string {
  const currency = typeof value === "string" ? parseCurrency(value) : null;
  if (currency === null) throw new GraphQLError(notCurrency(value));
  return currency;
}

/** The scalar `Currency`: takes what `parseCurrency` reads, and gives what is stored. */
export const CurrencyScalar = new GraphQLScalarType<string, string>({
  ...CurrencyResolver.toConfig(),
  parseValue: readInput,
  parseLiteral: (node) => readInput(node.kind === Kind.STRING ? node.value : undefined),
  serialize(value) {
    if (typeof value === "string" && stored.test(value)) return value;
    throw new TypeError("what is stored as a currency is no code of three capitals");
  },
});

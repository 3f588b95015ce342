import type { CustomerHistorySource } from "../data/history-reader.ts";
import type { CustomerPart } from "../domain/parts.ts";
import type { CustomerHistoryResolvers } from "../generated/resolvers.ts";
import { needCreditRead } from "./access.ts";

const customerOf = ({ head }: CustomerHistorySource): CustomerPart | null =>
  (head.customer?.value as CustomerPart | undefined) ?? null;

export const CustomerHistory: CustomerHistoryResolvers = {
  asOf: (_history, _args, { asOf }) => asOf,
  lagSeconds: (_history, _args, { asOf }) =>
    asOf === null ? null : Math.max(0, Date.now() - asOf.getTime()) / 1_000,
  changedAt: ({ head }) => head.changedAt,
  number: (history) => customerOf(history)?.number ?? null,
  name: (history) => customerOf(history)?.name ?? null,
  status: (history) => customerOf(history)?.status ?? null,
  creditLimit(history, _args, { identity }) {
    needCreditRead(identity);
    const customer = customerOf(history);
    return customer && { amountMinor: customer.creditLimitMinor, currency: customer.currency };
  },
  creditHeld(history, _args, { identity }) {
    needCreditRead(identity);
    const customer = customerOf(history);
    // Two currencies never add up: what is held in another one than the limit's is held of another credit.
    return (
      customer && { amountMinor: history.head.held[customer.currency] ?? 0, currency: customer.currency }
    );
  },
  version: ({ head }) => head.customer?.version ?? null,
  orderCount: ({ head }) => head.orderCount,
  paymentCount: ({ head }) => head.paymentCount,
  entries: ({ head }, args, { histories }) => histories.entriesOf(head, args),
};

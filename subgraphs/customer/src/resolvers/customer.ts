import { currencyMismatch } from "@tributary/subgraph-kit/errors";
import type { Context } from "../context.ts";
import { creditOf, HeldCurrencyError, type Credit } from "../domain/credit.ts";
import type { CustomerRecord } from "../domain/customer.ts";
import type { CustomerResolvers } from "../generated/resolvers.ts";
import { requireScope, requireStaff } from "./permission.ts";

/** A field of contact data, for those who may see such. */
const contact =
  <Key extends "contactName" | "phone" | "email" | "address">(key: Key) =>
  (customer: CustomerRecord, _args: unknown, { identity }: Context): CustomerRecord[Key] => {
    requireScope(identity, "contact:read");
    return customer[key];
  };

/** A figure of a customer's credit, for those who may see such. */
const credit =
  (key: keyof Credit) =>
  async ({ id, creditLimit }: CustomerRecord, _args: unknown, { identity, customers }: Context) => {
    requireScope(identity, "credit:read");
    const held = await customers.creditHeld(id);
    try {
      return creditOf(creditLimit, held)[key];
    } catch (error) {
      if (error instanceof HeldCurrencyError) throw currencyMismatch(error.expected, error.actual);
      throw error;
    }
  };

export const Customer: CustomerResolvers = {
  __resolveReference: ({ id }, { customers }) => customers.byId(id),
  suspensionReason({ suspensionReason }, _args, { identity }) {
    requireStaff(identity);
    return suspensionReason;
  },
  contactName: contact("contactName"),
  phone: contact("phone"),
  email: contact("email"),
  address: contact("address"),
  creditLimit({ creditLimit }, _args, { identity }) {
    requireScope(identity, "credit:read");
    return creditLimit;
  },
  creditHeld: credit("held"),
  creditAvailable: credit("available"),
};

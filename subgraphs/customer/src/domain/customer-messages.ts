import type { CustomerRecord } from "./customer.ts";

/** What happens to a customer that other contexts may want to know. */
export type CustomerEventType =
  "CustomerRegistered" | "CreditLimitChanged" | "CustomerSuspended" | "CustomerReinstated";

/** The event's data: the customer as the change left them. What only some may read, such as contact data, stays here. */
export function customerMessageData(customer: CustomerRecord): object {
  const { id: customerId, number, name, status, creditLimit } = customer;
  return {
    customerId,
    number,
    name,
    status,
    creditLimitMinor: creditLimit.amountMinor,
    currency: creditLimit.currency,
  };
}

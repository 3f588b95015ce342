import type { CustomerRecord } from "../domain/customer.ts";

/** A customer as JSON carries it, within the answer that an idempotency key gives again. */
export type StoredCustomer = Omit<CustomerRecord, "createdAt" | "updatedAt"> & {
  readonly createdAt: string;
  readonly updatedAt: string;
};

export function storeCustomer(customer: CustomerRecord): StoredCustomer {
  return {
    ...customer,
    createdAt: customer.createdAt.toISOString(),
    updatedAt: customer.updatedAt.toISOString(),
  };
}

export function reviveCustomer(stored: StoredCustomer): CustomerRecord {
  return { ...stored, createdAt: new Date(stored.createdAt), updatedAt: new Date(stored.updatedAt) };
}

import { toMoney } from "@tributary/subgraph-kit";
import type { CustomerRecord, CustomerStatus, PostalAddress } from "../domain/customer.ts";
import type { Customer } from "../generated/prisma/client.ts";

/** A row of `customers` as SQL gives it; Prisma's client gives the same under names of its own. */
export interface CustomerRow {
  id: string;
  number: string;
  name: string;
  status: CustomerStatus;
  suspension_reason: string | null;
  contact_name: string | null;
  phone: string | null;
  email: string | null;
  address_line1: string | null;
  address_line2: string | null;
  city: string | null;
  region: string | null;
  postal_code: string | null;
  country: string | null;
  credit_limit_minor: bigint;
  currency: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** The record of a row that SQL gave. */
export function recordOfRow(row: CustomerRow): CustomerRecord {
  return recordOf({
    ...row,
    suspensionReason: row.suspension_reason,
    contactName: row.contact_name,
    addressLine1: row.address_line1,
    addressLine2: row.address_line2,
    postalCode: row.postal_code,
    creditLimitMinor: row.credit_limit_minor,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  });
}

/** The record of a row that Prisma's client gave. */
export function recordOf(row: Customer): CustomerRecord {
  const { id, number, name, status, suspensionReason, contactName, phone, email, version } = row;
  return {
    id,
    number,
    name,
    status,
    suspensionReason,
    contactName,
    phone,
    email,
    address: addressOf(row),
    creditLimit: toMoney(row.creditLimitMinor, row.currency),
    version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** An address without its street, city or country is none. */
function addressOf(row: Customer): PostalAddress | null {
  const { addressLine1: line1, addressLine2: line2, city, region, postalCode, country } = row;
  return line1 !== null && city !== null && country !== null
    ? { line1, line2, city, region, postalCode, country }
    : null;
}

/** The columns of an address, or of none. */
export function columnsOfAddress(address: PostalAddress | null) {
  return {
    addressLine1: address?.line1 ?? null,
    addressLine2: address?.line2 ?? null,
    city: address?.city ?? null,
    region: address?.region ?? null,
    postalCode: address?.postalCode ?? null,
    country: address?.country ?? null,
  };
}

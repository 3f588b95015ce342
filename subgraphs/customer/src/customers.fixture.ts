import { randomUUID } from "node:crypto";
import type { ContextDatabase } from "@tributary/subgraph-testing";

/** A customer as the tests put it into the table, and know it. */
export interface TestCustomer {
  id: string;
  number: string;
  name: string;
  status: string;
  suspension_reason: string | null;
  contact_name: string | null;
  phone: string | null;
  email: string | null;
  address_line1: string | null;
  city: string | null;
  country: string | null;
  credit_limit_minor: number;
  currency: string;
  version: number;
  created_at: string;
  updated_at: string;
}

const DAY_MS = 86_400_000;

/** A customer with all there is to see of one. */
export function makeCustomer(changes: Partial<TestCustomer> = {}): TestCustomer {
  const id = randomUUID();
  return {
    id,
    number: `T-${id}`,
    name: "Blue Kettle",
    status: "ACTIVE",
    suspension_reason: null,
    contact_name: "The Buyer",
    phone: "+1 555 0100",
    email: "buyer@example.com",
    address_line1: "1 High Street",
    city: "Lyon",
    country: "France",
    credit_limit_minor: 100_000,
    currency: "USD",
    version: 1,
    created_at: "2024-01-01T00:00:00.000Z",
    updated_at: "2024-01-01T00:00:00.000Z",
    ...changes,
  };
}

/** Customers whose names and moments repeat, so that lists have ties for the id to part; every status occurs. */
export function makeCustomers(count: number): TestCustomer[] {
  const names = [
    "Öl & Co",
    "alpha",
    "Alpha",
    "100% Wool",
    "100 Wool",
    "Snow_Flake",
    "SnowXFlake",
    String.raw`Back\Slash`,
  ];
  return Array.from({ length: count }, (_, index) => {
    const status = ["ACTIVE", "SUSPENDED", "CLOSED"][index % 3]!;
    return makeCustomer({
      name: names[index % names.length]!,
      status,
      suspension_reason: status === "SUSPENDED" ? "does not pay" : null,
      country: ["France", "Japan"][index % 2]!,
      created_at: new Date(Date.UTC(2024, 0, 1) + (index % 5) * DAY_MS).toISOString(),
    });
  });
}

/** Puts rows into a table of the context, by the names of its columns. */
async function insert(database: ContextDatabase, table: string, rows: readonly object[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(", ");
  await database.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1)`,
    [JSON.stringify(rows)],
  );
}

export const insertCustomers = (database: ContextDatabase, customers: readonly TestCustomer[]) =>
  insert(database, "customers", customers);

/** Reserves credit of a customer, each time for an order of its own. */
export const insertReservations = (
  database: ContextDatabase,
  reservations: readonly {
    customer_id: string;
    amount_minor: number | string;
    currency: string;
    status: string;
  }[],
) =>
  insert(
    database,
    "credit_reservations",
    reservations.map((reservation) => ({ order_id: randomUUID(), ...reservation })),
  );

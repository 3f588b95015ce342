import type { CopyValue, LoadMode, LoadResult, Rows, Standing } from "@tributary/bulk";
import { chooseMode, copyRows, createStaging, fillTables, readStanding } from "@tributary/bulk";
import { announceLoad } from "@tributary/channels";
import { sqlOfPg } from "@tributary/messaging";
import { requireCurrency } from "@tributary/subgraph-kit/money";
import type { ClientBase } from "pg";

/** A row of `customers`. Amounts are minor units of the currency. */
export interface CustomerRow {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly status: "ACTIVE" | "SUSPENDED" | "CLOSED";
  /** Only where the customer is SUSPENDED. */
  readonly suspensionReason: string | null;
  readonly contactName: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly addressLine1: string | null;
  readonly addressLine2: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly creditLimitMinor: number;
  readonly currency: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const columns = (
  "id number name status suspension_reason contact_name phone email address_line1 address_line2 city region " +
  "postal_code country credit_limit_minor currency version created_at updated_at"
).split(" ");

function* values(row: CustomerRow): Iterable<CopyValue[]> {
  yield [
    row.id,
    row.number,
    row.name,
    row.status,
    row.suspensionReason,
    row.contactName,
    row.phone,
    row.email,
    row.addressLine1,
    row.addressLine2,
    row.city,
    row.region,
    row.postalCode,
    row.country,
    row.creditLimitMinor,
    requireCurrency(row.currency),
    row.version,
    row.createdAt,
    row.updatedAt,
  ];
}

/**
 * Loads customers.
 *
 * @param client a client in a transaction, which this neither begins nor ends
 * @throws {RangeError} where a currency is none; {LoadError} where a `fill` finds customers; the database's errors, such as a number that another customer has
 */
export async function loadCustomers(
  client: ClientBase,
  rows: Rows<CustomerRow>,
  mode: LoadMode = "merge",
): Promise<LoadResult> {
  const result = await insert(client, rows, mode);
  if (result.inserted > 0) await announceLoad(sqlOfPg(client), "customer.events", "customers");
  return result;
}

async function insert(client: ClientBase, rows: Rows<CustomerRow>, mode: LoadMode): Promise<LoadResult> {
  if ((await chooseMode(client, "customers", mode)) === "fill") {
    const [inserted = 0] = await fillTables(client, {
      parts: [{ table: "customers", columns, rows: values }],
      items: rows,
    });
    return { inserted, unchanged: 0 };
  }
  await createStaging(client, "customers");
  const [given = 0] = await copyRows(client, {
    parts: [{ table: "staged_customers", columns, rows: values }],
    items: rows,
  });
  const { rowCount } = await client.query(
    "INSERT INTO customers SELECT * FROM staged_customers ON CONFLICT (id) DO NOTHING",
  );
  return { inserted: rowCount ?? 0, unchanged: given - (rowCount ?? 0) };
}

/**
 * How the customers of the last `merge` stand. Amounts are credit limits; where a customer was changed since, the limit
 * may be another one, so what was given counts there.
 */
export function reconcileCustomers(client: ClientBase): Promise<Standing> {
  return readStanding(
    client,
    `SELECT s.number AS key, t.id IS NOT NULL AS standing, coalesce(t.version > s.version, false) AS changed,
            s.credit_limit_minor AS given_minor,
            CASE WHEN t.version > s.version THEN s.credit_limit_minor ELSE t.credit_limit_minor END AS standing_minor,
            (t.number, t.currency) IS DISTINCT FROM (s.number, s.currency)
            OR t.version <= s.version AND
               (t.name, t.status, t.suspension_reason, t.contact_name, t.phone, t.email, t.address_line1,
                t.address_line2, t.city, t.region, t.postal_code, t.country, t.credit_limit_minor)
               IS DISTINCT FROM
               (s.name, s.status, s.suspension_reason, s.contact_name, s.phone, s.email, s.address_line1,
                s.address_line2, s.city, s.region, s.postal_code, s.country, s.credit_limit_minor) AS differs
       FROM staged_customers s LEFT JOIN customers t USING (id)`,
  );
}

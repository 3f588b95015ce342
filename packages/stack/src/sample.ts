import { generatedId, SAMPLE_CUSTOMER } from "@tributary/datasets";
import pg from "pg";
import type { PerContext } from "./contexts.ts";

async function ask<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Whether none of the databases holds a row. */
export async function areEmpty(urls: PerContext<string>): Promise<boolean> {
  const tables = [
    [urls.customer, "customers"],
    [urls.order, "orders"],
    [urls.payment, "payments"],
  ] as const;
  const found = await Promise.all(
    tables.map(([url, table]) =>
      ask<{ found: boolean }>(url, `SELECT EXISTS (SELECT FROM ${table}) AS found`),
    ),
  );
  return found.every(([row]) => !row?.found);
}

/**
 * A customer who has orders and payments, to show things with: the generated one that has some of everything, else one
 * with many payments.
 *
 * @returns null where nobody has both
 */
export async function findSampleCustomer(urls: PerContext<string>): Promise<string | null> {
  const generated = generatedId("customers", SAMPLE_CUSTOMER);
  const [found] = await ask(urls.customer, "SELECT FROM customers WHERE id = $1", [generated]);
  if (found) return generated;
  const payers = await ask<{ id: string }>(
    urls.payment,
    "SELECT customer_id AS id FROM payments GROUP BY customer_id ORDER BY count(*) DESC, customer_id LIMIT 100",
  );
  const ids = payers.map(({ id }) => id);
  const buyers = await ask<{ id: string }>(
    urls.order,
    "SELECT DISTINCT customer_id AS id FROM orders WHERE customer_id = ANY ($1::uuid[])",
    [ids],
  );
  const known = new Set(buyers.map(({ id }) => id));
  return ids.find((id) => known.has(id)) ?? null;
}

/** The id of the customer whom people know by that number; null where there is none. */
export async function findCustomerByNumber(url: string, number: string): Promise<string | null> {
  const [row] = await ask<{ id: string }>(url, "SELECT id FROM customers WHERE number = $1", [number]);
  return row?.id ?? null;
}

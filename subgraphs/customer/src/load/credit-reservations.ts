import type { CopyValue, LoadMode, LoadResult, Rows, Standing } from "@tributary/bulk";
import { chooseMode, copyRows, createStaging, fillTables, readStanding } from "@tributary/bulk";
import { announceLoad } from "@tributary/channels";
import { sqlOfPg } from "@tributary/messaging";
import { requireCurrency } from "@tributary/subgraph-kit/money";
import type { ClientBase } from "pg";

/** A row of `credit_reservations`: credit set aside for one order, in minor units, above zero. */
export interface CreditReservationRow {
  readonly orderId: string;
  readonly customerId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: "HELD" | "SETTLED" | "RELEASED";
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const columns = "order_id customer_id amount_minor currency status version created_at updated_at".split(" ");

function* values(row: CreditReservationRow): Iterable<CopyValue[]> {
  yield [
    row.orderId,
    row.customerId,
    row.amountMinor,
    requireCurrency(row.currency),
    row.status,
    row.version,
    row.createdAt,
    row.updatedAt,
  ];
}

/**
 * Loads reservations of credit, after their customers. Limits are not checked: what is loaded has happened.
 *
 * @param client a client in a transaction, which this neither begins nor ends
 * @throws {RangeError} where a currency is none; {LoadError} where a `fill` finds reservations; the database's errors, such as a customer that does not exist
 */
export async function loadCreditReservations(
  client: ClientBase,
  rows: Rows<CreditReservationRow>,
  mode: LoadMode = "merge",
): Promise<LoadResult> {
  const result = await insert(client, rows, mode);
  if (result.inserted > 0) await announceLoad(sqlOfPg(client), "customer.events", "reservations");
  return result;
}

async function insert(
  client: ClientBase,
  rows: Rows<CreditReservationRow>,
  mode: LoadMode,
): Promise<LoadResult> {
  if ((await chooseMode(client, "credit_reservations", mode)) === "fill") {
    const parts = [{ table: "credit_reservations", columns, rows: values }];
    const [inserted = 0] = await fillTables(client, { parts, items: rows });
    return { inserted, unchanged: 0 };
  }
  await createStaging(client, "credit_reservations");
  const parts = [{ table: "staged_credit_reservations", columns, rows: values }];
  const [given = 0] = await copyRows(client, { parts, items: rows });
  const { rowCount } = await client.query(
    `INSERT INTO credit_reservations SELECT * FROM staged_credit_reservations ON CONFLICT (order_id) DO NOTHING`,
  );
  return { inserted: rowCount ?? 0, unchanged: given - (rowCount ?? 0) };
}

/** How the reservations of the last `merge` stand. Keys are ids of orders. */
export function reconcileCreditReservations(client: ClientBase): Promise<Standing> {
  return readStanding(
    client,
    `SELECT s.order_id::text AS key, t.order_id IS NOT NULL AS standing,
            coalesce(t.version > s.version, false) AS changed,
            s.amount_minor AS given_minor, t.amount_minor AS standing_minor,
            (t.customer_id, t.amount_minor, t.currency) IS DISTINCT FROM (s.customer_id, s.amount_minor, s.currency)
            OR t.version <= s.version AND t.status <> s.status AS differs
       FROM staged_credit_reservations s LEFT JOIN credit_reservations t USING (order_id)`,
  );
}

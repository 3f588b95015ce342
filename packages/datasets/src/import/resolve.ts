import type { ClientBase } from "pg";

/** One kind of fault between rows: which rows of a table have it, and why each is rejected. */
interface Rule {
  readonly table: string;
  readonly file: string;
  /** SQL: the column that names what a row is about. */
  readonly key: string;
  /** SQL: the row's amount in minor units. */
  readonly minor: string;
  /** SQL that gives `line` and `reason` for each row at fault. */
  readonly faulty: string;
}

const customer = {
  table: "raw_customers",
  file: "customers.csv",
  key: "number",
  minor: "credit_limit_minor",
};
const product = { table: "raw_products", file: "products.csv", key: "code", minor: "NULL" };
const order = { table: "raw_orders", file: "orders.csv", key: "number", minor: "NULL" };
const line = {
  table: "raw_lines",
  file: "orderdetails.csv",
  key: "number",
  minor: "quantity::numeric * price_minor",
};
const payment = { table: "raw_payments", file: "payments.csv", key: "customer", minor: "amount_minor" };

/** SQL for the rows that say again what an earlier row has said. */
function repeated(table: string, columns: string, what: string): string {
  return `SELECT line, format('${what} is also on line %s', first) AS reason
            FROM (SELECT *, min(line) OVER (PARTITION BY ${columns}) AS first FROM ${table}) t WHERE line > first`;
}

/** SQL for the rows of `t` whose reference leads nowhere, or to a row that was rejected. */
function unknown(reference: {
  from: string;
  column: string;
  to: string;
  key: string;
  file: string;
  what: string;
}): string {
  const { from, column, to, key, file, what } = reference;
  return `SELECT t.line, ${missing(`t.${column}`, file, what)} AS reason
            FROM ${from} t
            LEFT JOIN (SELECT key, min(line) AS line FROM rejects WHERE file = '${file}' GROUP BY key) r
                   ON r.key = t.${column}
           WHERE NOT EXISTS (SELECT FROM ${to} o WHERE o.${key} = t.${column})`;
}

function missing(value: string, file: string, what: string): string {
  return `CASE WHEN r.line IS NULL THEN format('${what} %s is not in ${file}', ${value})
               ELSE format('${what} %s was rejected: ${file} line %s', ${value}, r.line) END`;
}

/**
 * The rules, in the order in which they are applied: each sees what those before it have left.
 *
 * Of rows that say the same thing twice the first one stays. An order is loaded whole or not at all, so a line that is
 * rejected takes its order along, and that its other lines.
 */
const RULES: readonly Rule[] = [
  { ...customer, faulty: repeated("raw_customers", "number", "customerNumber") },
  { ...product, faulty: repeated("raw_products", "code", "productCode") },
  { ...order, faulty: repeated("raw_orders", "number", "orderNumber") },
  {
    ...payment,
    faulty: repeated("raw_payments", "customer, reference", "checkNumber of this customerNumber"),
  },
  {
    ...line,
    faulty: `SELECT t.line, format('order %s is not in orders.csv', t.number) AS reason FROM raw_lines t
              WHERE NOT EXISTS (SELECT FROM raw_orders o WHERE o.number = t.number)
                AND NOT EXISTS (SELECT FROM rejects r WHERE r.file = 'orders.csv' AND r.key = t.number)`,
  },
  {
    ...line,
    faulty: unknown({
      from: "raw_lines",
      column: "product",
      to: "raw_products",
      key: "code",
      file: "products.csv",
      what: "product",
    }),
  },
  { ...line, faulty: repeated("raw_lines", "number, line_number", "orderLineNumber of this orderNumber") },
  {
    ...order,
    faulty: unknown({
      from: "raw_orders",
      column: "customer",
      to: "raw_customers",
      key: "number",
      file: "customers.csv",
      what: "customer",
    }),
  },
  {
    ...order,
    faulty: `SELECT o.line, format('its line was rejected: orderdetails.csv line %s', r.line) AS reason
               FROM raw_orders o
               JOIN (SELECT key, min(line) AS line FROM rejects WHERE file = 'orderdetails.csv' GROUP BY key) r
                 ON r.key = o.number`,
  },
  {
    ...order,
    faulty: `SELECT o.line, CASE WHEN l.number IS NULL THEN 'has no lines in orderdetails.csv'
                                 ELSE 'its total is too large' END AS reason
               FROM raw_orders o
               LEFT JOIN (SELECT number, sum(quantity::numeric * price_minor) AS total
                            FROM raw_lines GROUP BY number) l USING (number)
              WHERE l.number IS NULL OR l.total > 9007199254740991`,
  },
  {
    ...line,
    faulty: unknown({
      from: "raw_lines",
      column: "number",
      to: "raw_orders",
      key: "number",
      file: "orders.csv",
      what: "order",
    }),
  },
  {
    ...payment,
    faulty: unknown({
      from: "raw_payments",
      column: "customer",
      to: "raw_customers",
      key: "number",
      file: "customers.csv",
      what: "customer",
    }),
  },
];

/** Moves the staged rows that break a rule between rows to `rejects`. */
export async function resolveRows(client: ClientBase): Promise<void> {
  for (const { table, file, key, minor, faulty } of RULES) {
    await client.query(
      `WITH faulty AS (${faulty}), gone AS (
         DELETE FROM ${table} t USING faulty f WHERE t.line = f.line RETURNING t.*, f.reason
       ) INSERT INTO rejects SELECT '${file}', line, reason, text, ${key}, ${minor} FROM gone`,
    );
    await client.query("ANALYZE rejects");
  }
}

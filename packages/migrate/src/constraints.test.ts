import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyMigrations } from "./migrate.ts";
import { useDatabases } from "./test-databases.ts";

const databases = useDatabases();
const ID = "00000000-0000-7000-8000-000000000001";
const BEYOND_SAFE = "9007199254740992"; // 2^53

/** One connection; what a test does is undone after it. */
function useDatabase(context: string) {
  let client: pg.Client;
  beforeAll(async () => {
    const url = await databases.create();
    await applyMigrations({ context, url });
    client = new pg.Client({ connectionString: url });
    await client.connect();
  });
  afterAll(() => client.end());
  beforeEach(async () => {
    await client.query("BEGIN");
    return async () => void (await client.query("ROLLBACK"));
  });
  const insert = (table: string, row: object) => {
    const names = Object.keys(row).map((name) => `"${name}"`);
    const places = names.map((_, index) => `$${index + 1}`);
    return client.query(
      `INSERT INTO ${table} (${names.join()}) VALUES (${places.join()})`,
      Object.values(row),
    );
  };
  /** What the database refuses the work with; "" if it does not. */
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => "",
      (error: pg.DatabaseError) => error.constraint ?? error.message,
    );
  return { insert, refusal, query: (sql: string): Promise<pg.QueryResult> => client.query(sql) };
}

describe("customer", () => {
  const { insert, refusal, query } = useDatabase("customer");
  const customer = { id: ID, number: "C-1", name: "A", credit_limit_minor: 100, currency: "EUR" };
  const reservation = { order_id: ID, customer_id: ID, amount_minor: 1, currency: "EUR" };

  test.for<[object, string]>([
    [{}, ""],
    [{ credit_limit_minor: 0 }, ""],
    [{ credit_limit_minor: -1 }, "customers_credit_limit_minor_check"],
    [{ credit_limit_minor: BEYOND_SAFE }, "customers_credit_limit_minor_check"],
    [{ currency: "eur" }, "customers_currency_check"],
    [{ currency: "E" }, "customers_currency_check"],
    [{ version: 0 }, "customers_version_check"],
    [{ suspension_reason: "fraud", status: "SUSPENDED" }, ""],
    [{ suspension_reason: "fraud" }, "customers_suspension_reason_check"],
    [{ suspension_reason: "fraud", status: "CLOSED" }, "customers_suspension_reason_check"],
  ])("a customer with %j: %s", async ([change, constraint]) => {
    expect(await refusal(insert("customers", { ...customer, ...change }))).toBe(constraint);
  });

  test.for<[object, string]>([
    [{}, ""],
    [{ amount_minor: 0 }, "credit_reservations_amount_minor_check"],
    [{ amount_minor: BEYOND_SAFE }, "credit_reservations_amount_minor_check"],
    [{ currency: "E1R" }, "credit_reservations_currency_check"],
    [{ version: 0 }, "credit_reservations_version_check"],
  ])("a reservation with %j: %s", async ([change, constraint]) => {
    await insert("customers", customer);
    expect(await refusal(insert("credit_reservations", { ...reservation, ...change }))).toBe(constraint);
  });

  test("numbers start at 1001", async () => {
    expect((await query("SELECT nextval('customer_number_seq')")).rows).toEqual([{ nextval: "1001" }]);
  });
});

describe("order", () => {
  const { insert, refusal, query } = useDatabase("order");
  const now = "2026-01-01T00:00:00Z";
  const order = {
    id: ID,
    number: "1",
    customer_id: ID,
    status: "PENDING",
    payment_terms: "PREPAID",
    total_minor: 0,
    currency: "EUR",
    placed_at: now,
    version: 1,
    updated_at: now,
  };
  const line = {
    order_id: ID,
    line_number: 1,
    product_code: "p",
    product_name: "P",
    quantity: 1,
    unit_price_minor: 0,
  };
  const event = { order_id: ID, version: 1, id: ID, type: "OrderCreated", data: {}, occurred_at: now };

  test.for<[string, object, string]>([
    ["orders", {}, ""],
    ["orders", { total_minor: -1 }, "orders_total_minor_check"],
    ["orders", { total_minor: BEYOND_SAFE }, "orders_total_minor_check"],
    ["orders", { currency: "eu" }, "orders_currency_check"],
    ["orders", { version: 0 }, "orders_version_check"],
    ["order_lines", {}, ""],
    ["order_lines", { line_number: 0 }, "order_lines_line_number_check"],
    ["order_lines", { quantity: 0 }, "order_lines_quantity_check"],
    ["order_lines", { unit_price_minor: -1 }, "order_lines_unit_price_minor_check"],
    ["order_events", {}, ""],
    ["order_events", { version: 0 }, "order_events_version_check"],
  ])("%s with %j: %s", async ([table, change, constraint]) => {
    if (table === "orders")
      return expect(await refusal(insert(table, { ...order, ...change }))).toBe(constraint);
    await insert("orders", order);
    const row = table === "order_lines" ? line : event;
    expect(await refusal(insert(table, { ...row, ...change }))).toBe(constraint);
  });

  test.for([
    ["UPDATE order_events SET type = 'OrderForged'", "UPDATE"],
    ["DELETE FROM order_events", "DELETE"],
    ["TRUNCATE order_events", "TRUNCATE"],
    ["TRUNCATE orders CASCADE", "TRUNCATE"],
  ] as const)("the stream of events is append-only: %s", async ([sql, operation]) => {
    await insert("orders", order);
    await insert("order_events", event);
    expect(await refusal(query(sql))).toBe(`order_events is append-only: ${operation} is refused`);
  });

  test("numbers start at 1001", async () => {
    expect((await query("SELECT nextval('order_number_seq')")).rows).toEqual([{ nextval: "1001" }]);
  });
});

describe("payment", () => {
  const { insert, refusal, query } = useDatabase("payment");
  const now = "2026-01-01T00:00:00Z";
  const payment = {
    id: ID,
    customer_id: ID,
    status: "PARTIALLY_REFUNDED",
    method: "CARD",
    amount_minor: 100,
    captured_minor: 90,
    refunded_minor: 80,
    currency: "EUR",
    requested_at: now,
    updated_at: now,
  };
  const entry = { payment_id: ID, sequence: 1, type: "AUTHORISATION", amount_minor: 100, occurred_at: now };

  test.for<[object, string]>([
    [{}, ""],
    [{ amount_minor: 0, captured_minor: 0, refunded_minor: 0 }, "payments_amount_minor_check"],
    [{ amount_minor: BEYOND_SAFE }, "payments_amount_minor_check"],
    [{ captured_minor: 101 }, "payments_captured_minor_check"],
    [{ captured_minor: -1, refunded_minor: -1 }, "payments_captured_minor_check"],
    [{ refunded_minor: 91 }, "payments_refunded_minor_check"],
    [{ refunded_minor: -1 }, "payments_refunded_minor_check"],
    [{ currency: "EURO" }, "value too long for type character(3)"],
    [{ currency: "€ab" }, "payments_currency_check"],
    [{ version: 0 }, "payments_version_check"],
  ])("a payment with %j: %s", async ([change, constraint]) => {
    expect(await refusal(insert("payments", { ...payment, ...change }))).toBe(constraint);
  });

  test.for<[object, string]>([
    [{}, ""],
    [{ amount_minor: 0 }, "ledger_entries_amount_minor_check"],
    [{ sequence: 0 }, "ledger_entries_sequence_check"],
  ])("a ledger entry with %j: %s", async ([change, constraint]) => {
    await insert("payments", payment);
    expect(await refusal(insert("ledger_entries", { ...entry, ...change }))).toBe(constraint);
  });

  test.for([
    ["UPDATE ledger_entries SET amount_minor = 1", "UPDATE"],
    ["DELETE FROM ledger_entries", "DELETE"],
    ["TRUNCATE ledger_entries", "TRUNCATE"],
    ["TRUNCATE payments CASCADE", "TRUNCATE"],
  ] as const)("the ledger is append-only: %s", async ([sql, operation]) => {
    await insert("payments", payment);
    await insert("ledger_entries", entry);
    expect(await refusal(query(sql))).toBe(`ledger_entries is append-only: ${operation} is refused`);
  });
});

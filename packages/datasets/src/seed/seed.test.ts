import { beforeAll, describe, expect, it } from "vitest";
import { generatedId } from "../ids.ts";
import { contents, query, useDatabases } from "../test-databases.ts";
import { findBreaches } from "../test-invariants.ts";
import { CONTEXTS, type DatabaseUrls } from "../transactions.ts";
import { SAMPLE_CUSTOMER, planCustomer } from "./customer-plan.ts";
import { generatedCustomerNumber } from "./customers.ts";
import { seed } from "./seed.ts";

const databases = useDatabases();

describe("the generated data set", () => {
  let urls: DatabaseUrls;
  beforeAll(async () => {
    urls = await databases.create();
    await seed({ urls, customers: 2000 });
  });

  it("keeps A1-A4 and Q1-Q3, and refers to nobody unknown", async () => {
    expect(await findBreaches(urls)).toEqual([]);
  });

  it.each([
    ["A1", "customer", "UPDATE customers SET credit_limit_minor = 0"],
    ["A1", "customer", "UPDATE credit_reservations SET currency = 'CHF'"],
    ["A3", "payment", "UPDATE payments SET status = 'AUTHORISED' WHERE status = 'CAPTURED'"],
    ["A3", "payment", "INSERT INTO ledger_entries SELECT id, 9, 'REFUND', 1, NULL, updated_at FROM payments"],
    ["A4", "order", "UPDATE orders SET comments = 'changed' WHERE comments IS NOT NULL"],
    ["A4", "order", "UPDATE order_lines SET quantity = quantity + 1"],
    ["A4", "order", "DELETE FROM order_lines WHERE line_number = 2"],
    ["Q1", "customer", "UPDATE credit_reservations SET status = 'RELEASED' WHERE status = 'HELD'"],
    ["Q1", "customer", "UPDATE credit_reservations SET status = 'HELD' WHERE status = 'SETTLED'"],
    ["Q2", "payment", "UPDATE payments SET refunded_minor = captured_minor"],
    ["Q2", "order", "UPDATE orders SET status = 'PENDING' WHERE status = 'CONFIRMED'"],
    ["Q3", "customer", "UPDATE credit_reservations SET status = 'SETTLED' WHERE status = 'RELEASED'"],
    ["Q3", "order", "UPDATE orders SET status = 'CANCELLED' WHERE status = 'PAYMENT_AUTHORISED'"],
    ["payment's customer", "payment", "UPDATE payments SET customer_id = gen_random_uuid()"],
  ] as const)("would tell of a breach of %s: %s: %s", async (rule, context, sql) => {
    const broken = await databases.create();
    await seed({ urls: broken, customers: 150 });
    await query(broken[context], sql);
    expect((await findBreaches(broken)).map((breach) => breach.slice(0, rule.length))).toContain(rule);
  });

  it("is the same in every run, and again changes nothing", async () => {
    const [once, other] = [await databases.create(), await databases.create()];
    const made = await seed({ urls: once, customers: 300 });
    expect(made.customers).toBe(300);
    const before = await contents(once);
    expect(await seed({ urls: once, customers: 300 })).toEqual({
      customers: 0,
      reservations: 0,
      orders: 0,
      payments: 0,
    });
    await seed({ urls: other, customers: 200 });
    await seed({ urls: other, customers: 300 });
    expect(await contents(once)).toEqual(before);
    expect(await contents(other)).toEqual(before);
    expect(before["order.order_events"]).not.toBe("");
  });

  it("leaves nothing behind where one database fails", async () => {
    const fresh = await databases.create();
    const empty = await contents(fresh);
    await query(fresh.payment, "ALTER TABLE payments ADD CHECK (method <> 'TRANSFER')");
    await expect(seed({ urls: fresh, customers: 3000 })).rejects.toThrow("violates check constraint");
    expect(await contents(fresh)).toEqual(empty);
  });

  it("leaves the tables with the keys and indexes that the migrations gave them", async () => {
    const fresh = await databases.create();
    const keys = (of: DatabaseUrls) =>
      Promise.all(
        CONTEXTS.map((context) =>
          query(
            of[context],
            `SELECT indexdef AS text FROM pg_indexes WHERE schemaname = 'public'
              UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1`,
          ),
        ),
      );
    expect(await keys(urls)).toEqual(await keys(fresh));
  });

  it("is varied: skewed, in several currencies, with customers and orders in every resting state", async () => {
    const counts = (context: keyof DatabaseUrls, sql: string) =>
      query<{ key: string; count: number }>(urls[context], sql).then((rows) =>
        Object.fromEntries(rows.map(({ key, count }) => [key, count])),
      );
    const by = (column: string, table: string) =>
      `SELECT ${column} AS key, count(*)::int FROM ${table} GROUP BY 1 ORDER BY 1`;
    expect(Object.keys(await counts("customer", by("status::text", "customers")))).toEqual([
      "ACTIVE",
      "CLOSED",
      "SUSPENDED",
    ]);
    expect(Object.keys(await counts("customer", by("currency", "customers")))).toEqual([
      "EUR",
      "GBP",
      "JPY",
      "USD",
    ]);
    expect(Object.keys(await counts("order", by("status::text", "orders")))).toEqual([
      "CANCELLED",
      "CONFIRMED",
      "CREDIT_RESERVED",
      "FULFILLED",
      "PAYMENT_AUTHORISED",
      "PENDING",
      "REJECTED",
    ]);
    const payments = await counts("payment", by("status::text || (order_id IS NULL)", "payments"));
    expect(Object.keys(payments)).toHaveLength(13);
    const mixed =
      "SELECT 'n' AS key, count(*)::int FROM (SELECT FROM orders GROUP BY customer_id HAVING count(DISTINCT currency) > 1) c";
    expect((await counts("order", mixed)).n).toBeGreaterThan(0);
    const perCustomer = await query<{ orders: number }>(
      urls.order,
      "SELECT count(*)::int AS orders FROM orders GROUP BY customer_id ORDER BY 1 DESC",
    );
    const total = perCustomer.reduce((sum, { orders }) => sum + orders, 0);
    const top = perCustomer.slice(0, 200).reduce((sum, { orders }) => sum + orders, 0);
    expect(top / total).toBeGreaterThan(0.4);
    expect(perCustomer.length).toBeLessThan(2000 * 0.85);
  });

  it("has one customer with something of everything", async () => {
    const id = generatedId("customers", SAMPLE_CUSTOMER);
    const [customer] = await query<{ id: string; status: string }>(
      urls.customer,
      `SELECT id, status FROM customers WHERE number = '${generatedCustomerNumber(SAMPLE_CUSTOMER)}'`,
    );
    expect(customer).toEqual({ id, status: "ACTIVE" });
    const statuses = async (context: "order" | "payment"): Promise<string[]> =>
      (
        await query<{ status: string }>(
          urls[context],
          `SELECT DISTINCT status FROM ${context}s WHERE customer_id = '${id}' ORDER BY 1`,
        )
      ).map(({ status }) => status);
    expect(await statuses("order")).toHaveLength(7);
    expect(await statuses("payment")).toHaveLength(7);
  });

  it("refuses credit only where there was too little", () => {
    let refused = 0;
    for (let index = 1; index <= 2000; index++) {
      const { orders, creditLimitMinor } = planCustomer(index);
      for (const { reason, totalMinor } of orders.filter(({ path }) => path === "REFUSED")) {
        if (reason !== "INSUFFICIENT_CREDIT") continue;
        refused++;
        expect(totalMinor).toBeGreaterThan(creditLimitMinor);
      }
    }
    expect(refused).toBeGreaterThan(10);
  });
});

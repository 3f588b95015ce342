import { randomUUID } from "node:crypto";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createShop } from "./ordering.fixture.ts";

let stack: Stack;
let order: pg.Client;
beforeAll(async () => {
  stack = await startStack({ seedCustomers: 150, env: { SIMULATED_PROVIDER_DECLINE: "0" } });
  order = new pg.Client({ connectionString: stack.adminUrl!("order") });
  await order.connect();
  order.on("error", () => {}); // the server may be the first to end it
});
afterAll(async () => {
  await order?.end();
  await stack?.stop();
});

async function plantOverdue(status: string, step: string, [attempts, hours]: readonly [number, number]) {
  const { rows } = await order.query<{ id: string }>(
    `INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, started_at, updated_at)
     SELECT id, $2::text::"SagaStep", $3, $4, now() - make_interval(hours => $5), now(), now() FROM orders
      WHERE status::text = $1 AND payment_terms = 'PREPAID' ORDER BY id LIMIT 1 RETURNING order_id AS id`,
    [status, step, randomUUID(), attempts, hours],
  );
  return rows[0]!.id;
}

it("an overdue order that cannot go on held up all that were overdue after it", async () => {
  // To be called off for want of a reply, which an order that was shipped cannot be.
  await plantOverdue("FULFILLED", "RESERVE_CREDIT", [5, 2]);
  const later = await plantOverdue("CREDIT_RESERVED", "AUTHORISE_PAYMENT", [1, 1]);
  const admin = await stack.token("admin");
  const seen = await createShop(stack, admin).waitFor(admin, later, "CONFIRMED");
  expect(seen.history.at(-1)?.type).toBe("ORDER_CONFIRMED");
});

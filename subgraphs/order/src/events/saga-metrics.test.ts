import {
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { insertOrders, makeOrders } from "../orders.fixture.ts";

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("order");
  const env = { METRICS_PORT: "0", SAGA_PATIENCE_MS: "3600000" };
  subgraph = await startTestSubgraph("order", { databaseUrl: database.url, env });
});
afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

it("shows the sagas that wait, by step, beside the process's own metrics", async () => {
  const orders = makeOrders("0199aaaa-0000-7000-8000-000000000002", "M", 3);
  await insertOrders(database, orders);
  for (const { id } of orders) {
    await database.query(
      `INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, started_at, updated_at)
       VALUES ($1, 'CAPTURE_PAYMENT', gen_random_uuid(), 1, now() + interval '1 hour', now(), now())`,
      [id],
    );
  }
  const { port } = await subgraph.logged(({ msg }) => msg === "metrics are at /metrics");
  const response = await fetch(`http://127.0.0.1:${String(port)}/metrics`);
  const text = await response.text();
  expect(text).toContain('tributary_sagas_waiting{step="CAPTURE_PAYMENT"} 3');
  expect(text).toContain('tributary_sagas_waiting{step="RESERVE_CREDIT"} 0');
  expect(text).toContain("tributary_sagas_overdue 0");
  expect(text).toContain("process_cpu_seconds_total");
  const elsewhere = await fetch(`http://127.0.0.1:${String(port)}/`);
  expect(elsewhere.status).toBe(404);
});

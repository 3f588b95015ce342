import { randomUUID } from "node:crypto";
import { createEnvelope, openBroker } from "@tributary/messaging";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { comeToRest, findMessagingBreaches } from "./rest.fixture.ts";
import { messagesWithEmbedded } from "./servers.fixture.ts";

// What the chaos test looks with after its faults: each thing that it looks for is planted, and must be found.

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ components: "databases", seedCustomers: 20 });
  // That data was generated is told to the others, and nobody runs who would send it.
  for (const context of ["customer", "order", "payment"] as const) await planted(context, []);
});
afterAll(() => stack?.stop());

/** Does it without the database's own rules, and gives it back afterwards. */
async function planted(context: "customer" | "order" | "payment" | "history", statements: readonly string[]) {
  const client = new pg.Client({ connectionString: stack.adminUrl!(context) });
  await client.connect();
  try {
    await client.query("SET session_replication_role = replica");
    for (const sql of statements) await client.query(sql);
    const found = await findMessagingBreaches(stack);
    return found;
  } finally {
    await client.query("TRUNCATE dead_letters");
    if (context !== "history") await client.query("TRUNCATE outbox_messages");
    if (context === "order") await client.query("TRUNCATE order_sagas");
    if (context === "payment") await client.query("TRUNCATE simulated_provider_calls");
    await client.end();
  }
}

const order = randomUUID();
const sent = (channel: string, version: number) =>
  `INSERT INTO outbox_messages (id, channel, shard, envelope, published_at) VALUES ('${randomUUID()}', '${channel}', 0,
     '{"aggregateType": "credit-reservation", "aggregateId": "${order}", "aggregateVersion": ${version}}', now())`;
const callOf = (action: string, outcome: string) =>
  `INSERT INTO simulated_provider_calls (key, payment_id, action, amount_minor, currency, outcome)
   SELECT gen_random_uuid(), id, '${action}', amount_minor, currency, '${outcome}' FROM payments WHERE status = 'CAPTURED' ORDER BY id LIMIT 1`;
const saga = (deadline: string) =>
  `INSERT INTO order_sagas (order_id, step, request_id, attempts, deadline, started_at, updated_at)
   SELECT id, ${deadline === "NULL" ? "NULL, NULL, 0" : "'CAPTURE_PAYMENT', gen_random_uuid(), 1"}, ${deadline}, now(), now() FROM orders ORDER BY id LIMIT 1`;

it.for([
  [
    "an event that was sent after a later one",
    "customer",
    [sent("customer.events", 2), sent("customer.events", 1)],
    "A5 customer",
  ],
  ["an event that was never written to the outbox", "order", [saga("NULL")], "A5 order"],
  [
    "a message that was not sent",
    "customer",
    [
      "INSERT INTO outbox_messages (id, channel, shard, envelope) VALUES (gen_random_uuid(), 'order.replies', 0, '{}')",
    ],
    "Q4 customer",
  ],
  [
    "a message that could not be handled",
    "payment",
    [
      "INSERT INTO dead_letters (consumer, message_id, channel, envelope, error, attempts) VALUES ('payment', gen_random_uuid(), 'payment.commands', '{}', 'boom', 9)",
    ],
    "Q4 payment",
  ],
  [
    "an event that the history could not handle",
    "history",
    [
      "INSERT INTO dead_letters (consumer, message_id, channel, envelope, error, attempts) VALUES ('history', gen_random_uuid(), 'order.events', '{}', 'boom', 9)",
    ],
    "Q4 history",
  ],
  ["a saga that waits", "order", [saga("now()")], "Q4 order"],
  [
    "a capture that was made twice",
    "payment",
    [callOf("CAPTURE", "DONE"), callOf("CAPTURE", "DONE")],
    "A6 payment",
  ],
  [
    "a refund that the ledger does not know",
    "payment",
    [callOf("CAPTURE", "DONE"), callOf("REFUND", "DONE")],
    "A6 payment",
  ],
  [
    "an authorisation that was made twice",
    "payment",
    [callOf("CAPTURE", "DONE"), callOf("AUTHORISE", "DONE"), callOf("AUTHORISE", "DONE")],
    "A6 payment",
  ],
] as const)("finds %s", async ([, context, statements, rule]) => {
  expect(await findMessagingBreaches(stack)).toEqual([]);
  const found = await planted(context, statements);
  expect(found.map((text) => text.split(":")[0])).toContain(rule);
});

it("does not take for rest that the broker has a message which nobody has taken", async () => {
  const brokerUrl = stack.adminUrl!("broker");
  const rest = () => comeToRest(stack, { messagesWithBroker: messagesWithEmbedded, limitMs: 3_000 });
  const subscriptions = { "checked.events": ["nobody"] };
  const broker = openBroker(brokerUrl, { subscriptions, onError() {} });
  const envelope = createEnvelope({
    type: "Checked",
    aggregateType: "check",
    aggregateId: order,
    aggregateVersion: 1,
    correlationId: order,
    data: {},
  });
  await broker.publish([{ channel: "checked.events", envelope }]);
  await broker.close();
  await expect(rest()).rejects.toThrow("broker: 1 of checked.events/nobody");
});

import { setTimeout as sleep } from "node:timers/promises";
import { openHistoryStore } from "@tributary/history/load";
import type { Stack } from "@tributary/stack";
import pg from "pg";

/** The contexts that send messages. */
export const CONTEXTS = ["customer", "order", "payment"] as const;

/** Rows of a statement in a context's own database; bigint comes as text. */
export async function rowsOf<Row extends pg.QueryResultRow>(
  stack: Stack,
  context: (typeof CONTEXTS)[number],
  sql: string,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: stack.databases[context] });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const WORK_LEFT = {
  order: "SELECT step::text AS what, count(*)::int FROM order_sagas WHERE deadline IS NOT NULL GROUP BY 1",
  payment:
    "SELECT 'provider ' || action AS what, count(*)::int FROM provider_calls WHERE next_attempt_at IS NOT NULL GROUP BY 1",
};
const UNSENT =
  "SELECT 'unsent' AS what, count(*)::int FROM outbox_messages WHERE published_at IS NULL HAVING count(*) > 0";

async function workLeft(stack: Stack): Promise<string[]> {
  const parts = CONTEXTS.flatMap((context) =>
    [UNSENT, ...(context === "customer" ? [] : [WORK_LEFT[context]])].map(async (sql) =>
      (await rowsOf<{ what: string; count: number }>(stack, context, sql)).map(
        ({ what, count }) => `${context}: ${count} ${what}`,
      ),
    ),
  );
  return (await Promise.all(parts)).flat();
}

/**
 * Waits until no saga waits, no message is unsent or with the broker, and no call of the provider is open.
 *
 * @throws after `limitMs`, with what is left
 */
export async function comeToRest(
  stack: Stack,
  options: { readonly limitMs: number; messagesWithBroker(stack: Stack): Promise<string[]> },
): Promise<void> {
  const end = performance.now() + options.limitMs;
  const looks = [() => workLeft(stack), () => options.messagesWithBroker(stack)];
  for (let quiet = 0; quiet < 3;) {
    const left = (
      await Promise.all(looks.map((look) => look().catch((error: Error) => [error.message])))
    ).flat();
    quiet = left.length === 0 ? quiet + 1 : 0;
    if (performance.now() > end) throw new Error(`it does not come to rest: ${left.join(", ")}`);
    await sleep(300);
  }
}

/** Messages that the history service could not handle (Q4), wherever the histories are kept. */
async function findBuriedByHistory(stack: Stack): Promise<string[]> {
  const store = openHistoryStore(stack.databases.history);
  try {
    return (await store.listDeadLetters({}, 20)).map(
      ({ messageId, error }) => `Q4 history: buried ${messageId}: ${error}`,
    );
  } finally {
    await store.close();
  }
}

/** What breaks A5, A6 or Q4, or differs from the payment provider's own books. */
export async function findMessagingBreaches(stack: Stack): Promise<string[]> {
  const found = async (context: (typeof CONTEXTS)[number], rule: string, sql: string) =>
    (await rowsOf<{ what: string }>(stack, context, sql)).map(({ what }) => `${rule} ${context}: ${what}`);
  const everywhere = CONTEXTS.flatMap((context) => [
    // The numbers of an aggregate's events ascend in the order in which they were written and are sent.
    found(
      context,
      "A5",
      `SELECT envelope->>'aggregateId' || ' goes back to version ' || version AS what FROM (
         SELECT envelope, (envelope->>'aggregateVersion')::int AS version, lag((envelope->>'aggregateVersion')::int)
                OVER (PARTITION BY envelope->>'aggregateType', envelope->>'aggregateId', channel ORDER BY seq) AS before
           FROM outbox_messages WHERE channel LIKE '%.events') AS sent WHERE version < before`,
    ),
    found(context, "Q4", "SELECT 'unsent ' || id AS what FROM outbox_messages WHERE published_at IS NULL"),
    found(
      context,
      "Q4",
      "SELECT consumer || ' buried ' || message_id || ': ' || error AS what FROM dead_letters",
    ),
  ]);
  const single = [
    found(
      "order",
      "A5",
      `SELECT coalesce(e.id, o.id) || ' is in one of events and outbox alone' AS what
         FROM (SELECT id FROM order_events WHERE order_id IN (SELECT order_id FROM order_sagas)) AS e
         FULL JOIN (SELECT id FROM outbox_messages WHERE channel = 'order.events' AND envelope->>'type' <> 'RowsLoaded') AS o USING (id)
        WHERE e.id IS NULL OR o.id IS NULL`,
    ),
    found(
      "order",
      "Q4",
      "SELECT 'saga ' || order_id || ' waits' AS what FROM order_sagas WHERE deadline IS NOT NULL",
    ),
    found(
      "payment",
      "A6",
      `WITH books AS (
         SELECT payment_id, count(*) FILTER (WHERE action = 'AUTHORISE' AND outcome = 'DONE') AS authorised,
                count(*) FILTER (WHERE action = 'VOID') AS voids,
                coalesce(sum(amount_minor) FILTER (WHERE action = 'CAPTURE'), 0) AS captured,
                coalesce(sum(amount_minor) FILTER (WHERE action = 'REFUND'), 0) AS refunded
           FROM simulated_provider_calls GROUP BY payment_id)
       SELECT p.id || ' is ' || p.status || ' with ' || p.captured_minor || ' captured and ' || p.refunded_minor
              || ' refunded, and the provider has ' || captured || ' and ' || refunded AS what
         FROM payments p JOIN books b ON b.payment_id = p.id::text
        WHERE b.captured <> p.captured_minor OR b.refunded <> p.refunded_minor OR b.authorised > 1 OR b.voids > 1`,
    ),
  ];
  return (await Promise.all([...everywhere, ...single, findBuriedByHistory(stack)])).flat();
}

import type { OrderStatus } from "@tributary/order/load";
import { fold, readOrderEvent, toRow } from "@tributary/order/load";
import type { DatabaseUrls } from "./transactions.ts";
import { query } from "./test-databases.ts";

interface OrderFacts {
  readonly id: string;
  readonly customer: string;
  readonly status: OrderStatus;
  readonly terms: string;
  readonly total: bigint;
  readonly currency: string;
}

interface PaymentFacts {
  readonly orderId: string | null;
  readonly status: string;
  readonly captured: bigint;
  readonly refunded: bigint;
}

interface ReservationFacts {
  readonly orderId: string;
  readonly customer: string;
  readonly status: string;
  readonly amount: bigint;
}

/**
 * Looks for rows that break what must always hold of the three databases (A1-A4), and what must hold of a system at
 * rest (Q1-Q3). Each finding begins with the rule's name.
 *
 * @param options.imported A1 is left out: credit that an import holds was granted elsewhere
 */
export async function findBreaches(
  urls: DatabaseUrls,
  options: { imported?: boolean } = {},
): Promise<string[]> {
  const orders = (
    await query<Record<string, string>>(
      urls.order,
      "SELECT id, customer_id, status, payment_terms, total_minor, currency FROM orders",
    )
  ).map((row): OrderFacts => ({
    id: row.id!,
    customer: row.customer_id!,
    status: row.status as OrderStatus,
    terms: row.payment_terms!,
    total: BigInt(row.total_minor!),
    currency: row.currency!,
  }));
  const payments = (
    await query<Record<string, string>>(
      urls.payment,
      "SELECT order_id, status, captured_minor, refunded_minor FROM payments",
    )
  ).map((row): PaymentFacts => ({
    orderId: row.order_id ?? null,
    status: row.status!,
    captured: BigInt(row.captured_minor!),
    refunded: BigInt(row.refunded_minor!),
  }));
  const reservations = (
    await query<Record<string, string>>(
      urls.customer,
      "SELECT order_id, customer_id, status, amount_minor FROM credit_reservations",
    )
  ).map((row): ReservationFacts => ({
    orderId: row.order_id!,
    customer: row.customer_id!,
    status: row.status!,
    amount: BigInt(row.amount_minor!),
  }));
  return [
    ...(options.imported ? [] : await overLimit(urls)),
    ...twicePaid(payments),
    ...(await unbalanced(urls)),
    ...(await unfolded(urls)),
    ...wronglyHeld(orders, reservations),
    ...wronglyPaid(orders, payments),
    ...notLetGo(orders, { payments, reservations }),
    ...(await strangers(urls, orders)),
  ];
}

/** A1: whenever credit was reserved, what was held then, the new one included, was within the limit. */
async function overLimit(urls: DatabaseUrls): Promise<string[]> {
  const rows = await query<{ order_id: string; held: string }>(
    urls.customer,
    `SELECT r.order_id, sum(o.amount_minor) AS held
       FROM credit_reservations r JOIN customers c ON c.id = r.customer_id
       JOIN credit_reservations o ON o.customer_id = r.customer_id AND o.created_at <= r.created_at
            AND (o.status = 'HELD' OR o.updated_at > r.created_at)
      GROUP BY r.order_id, c.credit_limit_minor HAVING sum(o.amount_minor) > c.credit_limit_minor`,
  );
  const foreign = await query<{ order_id: string }>(
    urls.customer,
    `SELECT order_id FROM credit_reservations r JOIN customers c ON c.id = customer_id
      WHERE r.currency <> c.currency`,
  );
  return [
    ...rows.map((row) => `A1 reservation ${row.order_id}: ${row.held} held is over the limit`),
    ...foreign.map((row) => `A1 reservation ${row.order_id} is in another currency than the limit`),
  ];
}

/** A2: reservations have the order's id as their key, so only payments can be two. */
function twicePaid(payments: readonly PaymentFacts[]): string[] {
  const ids = payments.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]));
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size).map((id) => `A2 order ${id} has two payments`);
}

/** A3: the ledger adds up to the payment's state, and each sum is within the one before it. */
async function unbalanced(urls: DatabaseUrls): Promise<string[]> {
  const rows = await query<Record<string, string>>(
    urls.payment,
    `SELECT p.id, p.status, p.amount_minor AS amount, p.captured_minor AS captured, p.refunded_minor AS refunded,
            p.captured_at IS NOT NULL AS has_time, p.decline_reason IS NOT NULL AS has_reason,
            coalesce(sum(l.amount_minor) FILTER (WHERE type = 'AUTHORISATION'), 0) AS l_authorised,
            coalesce(sum(l.amount_minor) FILTER (WHERE type = 'CAPTURE'), 0) AS l_captured,
            coalesce(sum(l.amount_minor) FILTER (WHERE type = 'REFUND'), 0) AS l_refunded,
            coalesce(sum(l.amount_minor) FILTER (WHERE type = 'VOID'), 0) AS l_voided,
            coalesce(max(sequence), 0) = count(l.sequence) AS gapless,
            coalesce(bool_and(l.occurred_at >= p.requested_at AND l.occurred_at <= p.updated_at), true) AS in_time
       FROM payments p LEFT JOIN ledger_entries l ON payment_id = id GROUP BY id`,
  );
  return rows.flatMap((row) => {
    const [amount, captured, refunded] = [row.amount, row.captured, row.refunded].map((text) =>
      BigInt(text!),
    );
    const sums = [row.l_authorised, row.l_captured, row.l_refunded, row.l_voided].map((text) =>
      BigInt(text!),
    );
    const [authorised, ledgerCaptured, ledgerRefunded, voided] = sums as [bigint, bigint, bigint, bigint];
    const expected = ((): string => {
      if (voided > 0n) return "VOIDED";
      if (ledgerRefunded > 0n) return ledgerRefunded < ledgerCaptured ? "PARTIALLY_REFUNDED" : "REFUNDED";
      if (ledgerCaptured > 0n) return "CAPTURED";
      if (authorised > 0n) return "AUTHORISED";
      return row.has_reason ? "DECLINED" : "REQUESTED";
    })();
    const sound =
      captured === ledgerCaptured &&
      refunded === ledgerRefunded &&
      ledgerRefunded <= ledgerCaptured &&
      ledgerCaptured + voided <= authorised &&
      authorised <= amount! &&
      row.status === expected &&
      Boolean(row.has_time) === captured > 0n &&
      Boolean(row.has_reason) === (row.status === "DECLINED") &&
      row.gapless &&
      row.in_time;
    return sound ? [] : [`A3 payment ${row.id} is ${row.status}, and its ledger is not`];
  });
}

/** A4: versions are contiguous, and the events fold to the row and the lines. */
async function unfolded(urls: DatabaseUrls): Promise<string[]> {
  const rows = await query<Record<string, unknown>>(urls.order, "SELECT * FROM orders");
  const events = Map.groupBy(
    await query<{
      order_id: string;
      version: number;
      type: string;
      data: unknown;
      occurred_at: Date;
    }>(urls.order, "SELECT * FROM order_events ORDER BY order_id, version"),
    (row) => row.order_id,
  );
  const lines = Map.groupBy(
    await query<Record<string, unknown>>(
      urls.order,
      "SELECT * FROM order_lines ORDER BY order_id, line_number",
    ),
    (row) => row.order_id,
  );
  return rows.flatMap((row) => {
    const stored = (events.get(row.id as string) ?? []).map((event) =>
      readOrderEvent({
        orderId: event.order_id,
        version: event.version,
        type: event.type,
        data: event.data,
        occurredAt: event.occurred_at,
      }),
    );
    const state = fold(stored);
    if (state === null) return [`A4 order ${row.number as string} has no events`];
    const entries = Object.entries(toRow(state)).map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      key === "totalMinor" ? String(value) : value,
    ]);
    const folded = JSON.stringify([
      Object.fromEntries(entries),
      state.lines.map((line) => [
        line.lineNumber,
        line.productCode,
        line.productName,
        line.quantity,
        String(line.unitPriceMinor),
      ]),
    ]);
    const found = JSON.stringify([
      Object.fromEntries(entries.map(([key]) => [key, row[key as string]])),
      (lines.get(row.id) ?? []).map((line) => [
        line.line_number,
        line.product_code,
        line.product_name,
        line.quantity,
        line.unit_price_minor,
      ]),
    ]);
    return folded === found ? [] : [`A4 order ${row.number as string}: ${found} is not ${folded}`];
  });
}

/** Q1: per customer, what is held = the totals of the orders that hold credit. */
function wronglyHeld(orders: readonly OrderFacts[], reservations: readonly ReservationFacts[]): string[] {
  const sums = new Map<string, { held: bigint; needed: bigint }>();
  const of = (customer: string) => sums.getOrInsertComputed(customer, () => ({ held: 0n, needed: 0n }));
  for (const { customer, status, amount } of reservations) if (status === "HELD") of(customer).held += amount;
  for (const { customer, status, total } of orders) {
    if (["CREDIT_RESERVED", "PAYMENT_AUTHORISED", "CONFIRMED"].includes(status)) of(customer).needed += total;
  }
  return [...sums]
    .filter(([, { held, needed }]) => held !== needed)
    .map(([customer, { held, needed }]) => `Q1 customer ${customer}: ${held} is held, and ${needed} needed`);
}

/** Q2: an order payment with money captured and kept <=> a PREPAID order CONFIRMED or FULFILLED. */
function wronglyPaid(orders: readonly OrderFacts[], payments: readonly PaymentFacts[]): string[] {
  const kept = new Set(
    payments.filter(({ captured, refunded }) => captured > refunded).map(({ orderId }) => orderId),
  );
  kept.delete(null);
  const due = new Set(
    orders
      .filter(
        ({ status, terms }) => terms === "PREPAID" && (status === "CONFIRMED" || status === "FULFILLED"),
      )
      .map(({ id }) => id),
  );
  return [...kept.symmetricDifference(due)].map((id) => `Q2 order ${id} and its payment disagree`);
}

/** Q3: of an order that is REJECTED or CANCELLED nothing is held, nothing authorised, nothing kept. */
function notLetGo(
  orders: readonly OrderFacts[],
  money: { payments: readonly PaymentFacts[]; reservations: readonly ReservationFacts[] },
): string[] {
  const ended = new Set(
    orders.filter(({ status }) => status === "REJECTED" || status === "CANCELLED").map(({ id }) => id),
  );
  return [
    ...money.reservations
      .filter(({ orderId, status }) => ended.has(orderId) && status !== "RELEASED")
      .map(({ orderId, status }) => `Q3 order ${orderId} has ended with credit ${status}`),
    ...money.payments
      .filter(({ orderId, status }) => orderId !== null && ended.has(orderId) && !LET_GO.has(status))
      .map(({ orderId, status }) => `Q3 order ${orderId} has ended with a payment ${status}`),
  ];
}

const LET_GO: ReadonlySet<string> = new Set(["DECLINED", "VOIDED", "REFUNDED"]);

/** What the databases' own constraints cannot say: every reference to another database leads somewhere. */
async function strangers(urls: DatabaseUrls, orders: readonly OrderFacts[]): Promise<string[]> {
  const ids = async (url: string, sql: string): Promise<string[]> =>
    (await query<{ id: string }>(url, sql)).map(({ id }) => id);
  const customers = new Set(await ids(urls.customer, "SELECT id FROM customers"));
  const orderIds = new Set(orders.map(({ id }) => id));
  const check = (name: string, list: readonly string[], known: ReadonlySet<string>): string[] =>
    list.filter((id) => !known.has(id)).map((id) => `${name} ${id} is unknown`);
  return [
    ...check(
      "order's customer",
      orders.map(({ customer }) => customer),
      customers,
    ),
    ...check(
      "payment's customer",
      await ids(urls.payment, "SELECT customer_id AS id FROM payments"),
      customers,
    ),
    ...check(
      "payment's order",
      await ids(urls.payment, "SELECT order_id AS id FROM payments WHERE order_id IS NOT NULL"),
      orderIds,
    ),
    ...check(
      "reservation's order",
      await ids(urls.customer, "SELECT order_id AS id FROM credit_reservations"),
      orderIds,
    ),
  ];
}

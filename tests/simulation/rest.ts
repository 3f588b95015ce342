import { SUBSCRIPTIONS, type Channel } from "@tributary/channels";
import { eventHandlers } from "@tributary/history/protocol";
import { fold, toRow, type OrderRow } from "@tributary/order/protocol";
import type { Clients } from "./clients.ts";
import { ledgerSums } from "./money.ts";
import { CONTEXTS } from "./plan.ts";
import type { StoredMessage } from "./tables.ts";
import { brokenView } from "./view.ts";
import type { World } from "./world/world.ts";

/** What still waits for something; none where the system is at rest. */
export function workLeft({ databases, broker, provider }: World): string[] {
  const left: string[] = [];
  for (const context of CONTEXTS) {
    for (const { seq, envelope } of databases[context].committed("outbox_messages"))
      left.push(`${context}: ${seq} ${envelope.type} ${envelope.id} is not published`);
  }
  for (const { orderId, step, attempts, deadline } of databases.order.committed("order_sagas"))
    if (deadline !== null) left.push(`the saga of ${orderId} waits for ${step} (${attempts})`);
  for (const { id, action, nextAttemptAt } of databases.payment.committed("provider_calls"))
    if (nextAttemptAt !== null) left.push(`${action} ${id} is not answered`);
  if (broker.waiting() > 0) left.push(`${broker.waiting()} messages are not settled`);
  if (provider.underWay() > 0)
    left.push(`${provider.underWay()} calls or answers of the provider are on their way`);
  return left;
}

/** What breaks a rule in a system at rest: A4-A6 and Q1-Q6. Each finding begins with the rule's name. */
export function findAtRest(world: World, clients: Clients): string[] {
  return [
    ...brokenOrders(world),
    ...brokenMessages(world),
    ...brokenCredit(world),
    ...brokenPayments(world),
    ...brokenBooks(world),
    ...brokenView(world),
    ...brokenAnswers(world, clients),
  ];
}

const bySaga = ({ databases }: World): OrderRow[] => databases.order.committed("orders");

/** A4: folding an order's events gives its row and its lines. */
function brokenOrders(world: World): string[] {
  const { order } = world.databases;
  const events = Map.groupBy(order.committed("order_events"), ({ orderId }) => orderId);
  return bySaga(world).flatMap((row) => {
    const state = fold((events.get(row.id) ?? []).toSorted((left, right) => left.version - right.version));
    if (state === null) return [`A4 order ${row.id} has no events`];
    const { lines } = order.one("order_lines", row.id) ?? { lines: [] };
    const [made, stored] = [
      { ...toRow(state), lines: state.lines },
      { ...row, lines },
    ].map(sorted);
    return made === stored ? [] : [`A4 order ${row.id} is ${stored}, and its events make ${made}`];
  });
}

const sorted = (value: object): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))),
  );

/** A5: an outbox row for each event, first publications in order. A6: an effect for each message. Q4: no message is lost. */
function brokenMessages({ databases, broker, rules }: World): string[] {
  const findings: string[] = [];
  const rows = CONTEXTS.flatMap((context) =>
    (["outbox_messages", "published_messages"] as const).flatMap((table) =>
      databases[context].committed(table),
    ),
  );
  const events = databases.order.committed("order_events");
  const told = new Set(
    rows.filter(({ channel }) => channel === "order.events").map(({ envelope }) => envelope.id),
  );
  for (const { id, type, orderId } of events)
    if (!told.delete(id)) findings.push(`A5 ${type} of order ${orderId} is in no outbox`);
  for (const id of told) findings.push(`A5 ${id} is in the outbox, and no event`);
  findings.push(...missingEvents(databases, rows));

  const first = new Map<string, number>();
  const seen = new Set<string>();
  for (const { channel, envelope } of broker.stored) {
    if (seen.has(envelope.id)) continue;
    seen.add(envelope.id);
    if (!channel.endsWith(".events")) continue;
    const key = `${channel} ${envelope.aggregateId}`;
    const before = first.get(key) ?? 0;
    if (envelope.aggregateVersion < before)
      findings.push(`A5 ${key} was published as version ${envelope.aggregateVersion} after ${before}`);
    first.set(key, envelope.aggregateVersion);
  }
  for (const { envelope } of rows)
    if (!seen.has(envelope.id)) findings.push(`A5 ${envelope.type} ${envelope.id} was never published`);

  for (const { channel, envelope } of rows) {
    for (const consumer of SUBSCRIPTIONS[channel as Channel]) {
      const key = `${consumer} ${envelope.id}`;
      const database = databases[consumer];
      const letter = database.one("dead_letters", key) !== null;
      const effects = (rules.effects.get(key) ?? 0) + (letter ? 1 : 0);
      // A message of a type that its consumer does not handle is let go of.
      if (effects !== 1 && database.one("inbox_messages", key) === null && isHandled(consumer, envelope.type))
        findings.push(
          `A6 ${envelope.type} ${envelope.id} had no effect in ${consumer}, and is no dead letter`,
        );
      if (effects > 1)
        findings.push(`A6 ${envelope.type} ${envelope.id} had ${effects} effects in ${consumer}`);
    }
  }
  return findings;
}

/** Each change of a reservation and of a payment has an event of its version. */
function missingEvents(databases: World["databases"], rows: readonly StoredMessage[]): string[] {
  const told = new Set(
    rows
      .filter(({ channel }) => channel === "customer.events" || channel === "payment.events")
      .map(({ envelope }) => `${envelope.aggregateId} ${envelope.aggregateVersion}`),
  );
  const reservations = databases.customer
    .committed("credit_reservations")
    .map(({ orderId, version }) => ({ id: orderId, version, from: 1 }));
  const payments = databases.payment
    .committed("payments")
    // One that is made as a tombstone begins with its second version, which is told.
    .map(({ id, version, status }) => ({ id, version, from: status === "VOIDED" ? version : 1 }));
  return [...reservations, ...payments].flatMap(({ id, version, from }) =>
    Array.from({ length: Math.max(0, version - from + 1) }, (_, index) => from + index)
      .filter((each) => !told.has(`${id} ${each}`))
      .map((each) => `A5 version ${each} of ${id} was told by no event`),
  );
}

const COMMANDS = new Set([
  "ReserveCredit",
  "ReleaseCredit",
  "SettleCredit",
  "AuthorisePayment",
  "CapturePayment",
  "ReversePayment",
]);
/** That a payment was asked for is told to the history alone, and that credit was refused to the order. */
function isHandled(consumer: string, type: string): boolean {
  if (consumer === "history") return type in eventHandlers;
  return consumer === "order" ? type !== "PaymentRequested" : COMMANDS.has(type);
}

/** Q1 and Q3: what is held is the total of the orders that hold it, order by order. */
function brokenCredit(world: World): string[] {
  const orders = new Map(bySaga(world).map((row) => [row.id, row]));
  const findings: string[] = [];
  const reservations = world.databases.customer.committed("credit_reservations");
  const held = new Map(reservations.map((row) => [row.orderId, row]));
  for (const row of reservations)
    if (!orders.has(row.orderId))
      findings.push(`Q1 credit is ${row.status} for ${row.orderId}, which is no order`);
  for (const { id, status, totalMinor } of orders.values()) {
    const hold = held.get(id);
    const expected = CREDIT_OF[status];
    if (expected === undefined) findings.push(`Q4 order ${id} is ${status} at rest`);
    else if (!expected.includes(hold?.status ?? "NONE"))
      findings.push(
        `${expected.includes("HELD") ? "Q1" : "Q3"} order ${id} is ${status}, and its credit ${hold?.status ?? "not held"}`,
      );
    if (hold && hold.amountMinor !== totalMinor)
      findings.push(`Q1 order ${id} comes to ${totalMinor}, and ${hold.amountMinor} was held`);
  }
  return findings;
}

/** What an order's credit is at rest, by its status. */
const CREDIT_OF: Readonly<Partial<Record<OrderRow["status"], readonly string[]>>> = {
  CONFIRMED: ["HELD"],
  FULFILLED: ["SETTLED"],
  REJECTED: ["NONE", "RELEASED"],
  CANCELLED: ["NONE", "RELEASED"],
};

/** A3, Q2 and Q3: what a payment's ledger comes to, and whether that is as its order has it. */
function brokenPayments(world: World): string[] {
  const { payment } = world.databases;
  const findings: string[] = [];
  const payments = new Map(payment.committed("payments").map((row) => [row.orderId, row]));
  for (const row of payments.values()) {
    const sums = ledgerSums(payment.one("ledger_entries", row.id)?.entries ?? []);
    if (sums.captured !== row.captured.amountMinor || sums.refunded !== row.refunded.amountMinor)
      findings.push(`A3 payment ${row.id} is ${row.status}, and its ledger is ${JSON.stringify(sums)}`);
  }
  for (const { id, status, paymentTerms, totalMinor } of bySaga(world)) {
    const row = payments.get(id);
    const kept = row ? row.captured.amountMinor - row.refunded.amountMinor : 0;
    const isBought = status === "CONFIRMED" || status === "FULFILLED";
    if (isBought !== kept > 0 && paymentTerms === "PREPAID")
      findings.push(`Q2 order ${id} is ${status}, and ${kept} of its payment is kept`);
    if (row && row.amount.amountMinor !== totalMinor)
      findings.push(`Q2 order ${id} comes to ${totalMinor}, and its payment to ${row.amount.amountMinor}`);
    if (!isBought && row && !["DECLINED", "VOIDED", "REFUNDED"].includes(row.status))
      findings.push(`Q3 order ${id} is ${status}, and its payment ${row.status}`);
  }
  return findings;
}

/** A3 and A6 beyond the database: the provider's own books are ours. */
function brokenBooks({ databases: { payment }, provider }: World): string[] {
  const bookings = Map.groupBy(provider.books.values(), ({ paymentId }) => paymentId);
  return payment.committed("payments").flatMap(({ id, status }) => {
    const done = (bookings.get(id) ?? []).filter(({ answer }) => answer.outcome === "DONE");
    const sum = (action: string): number =>
      done.reduce(
        (total, booking) => (booking.action === action ? total + booking.amount.amountMinor : total),
        0,
      );
    const books = {
      authorised: sum("AUTHORISE"),
      captured: sum("CAPTURE"),
      refunded: sum("REFUND"),
      voided: sum("VOID"),
    };
    const ours = ledgerSums(payment.one("ledger_entries", id)?.entries ?? []);
    if (JSON.stringify(books) === JSON.stringify(ours)) return [];
    return [
      `A6 payment ${id} is ${status}: ${JSON.stringify(ours)}, and the provider has ${JSON.stringify(books)}`,
    ];
  });
}

/** Q6: an order for each key, and every order has one. */
function brokenAnswers(world: World, { placed, findings }: Clients): string[] {
  const keys = new Map<string, string>();
  const broken = [...findings];
  for (const { key, answer } of placed) {
    if (answer.__typename !== "OrderChanged") continue;
    const other = keys.get(answer.order.id);
    if (other !== undefined) broken.push(`Q6 order ${answer.order.id} has the keys ${other} and ${key}`);
    keys.set(answer.order.id, key);
  }
  for (const { id } of bySaga(world)) if (!keys.has(id)) broken.push(`Q6 order ${id} was never answered`);
  for (const id of keys.keys())
    if (world.databases.order.one("orders", id) === null)
      broken.push(`Q6 order ${id} was answered, and is not there`);
  return broken;
}

/** Dead letters whose error a request may rightly meet that comes too late. */
export function strangeLetters({ databases }: World): string[] {
  const late = /cannot be captured|no payment to capture|cannot be released|cannot be settled/;
  return CONTEXTS.flatMap((context) => databases[context].committed("dead_letters"))
    .filter(({ error }) => !late.test(error))
    .map(({ consumer, messageId, error }) => `Q4 ${consumer} buried ${messageId}: ${error}`);
}

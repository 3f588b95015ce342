import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { PlannedOrder } from "./plan.ts";
import type { ChangedOrder, OrderProgress } from "./shop.ts";

/** An order that was placed and has not come to its end. */
export interface OpenOrder {
  readonly id: string;
  readonly plan: PlannedOrder;
  /** When it was to be placed, in milliseconds since 1970. */
  readonly dueAt: number;
  readonly status: string;
  readonly version: number;
  /** What is still to be done with it, and from when on; null where that was done, or never was. */
  readonly followUp: { readonly kind: "cancel" | "fulfil"; readonly at: number } | null;
}

/** The times that orders took, in milliseconds; NaN where there are none. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** What became of the orders so far. */
export interface OrderFigures {
  readonly placed: number;
  readonly confirmed: number;
  /** By status as it was last seen, of all orders that were placed. */
  readonly statuses: ReadonlyMap<string, number>;
  readonly refusedForCredit: number;
  readonly refusedPayments: number;
  /** From the moment at which an order was due to be placed to its confirmation. */
  readonly toConfirmed: Times;
  readonly underWay: number;
  /** For how long the oldest order that is under way has been so, in milliseconds; 0 where none is. */
  readonly oldestMs: number;
}

const ENDS = new Set(["REJECTED", "CANCELLED", "FULFILLED"]);
const CREDIT_REASONS = new Set([
  "INSUFFICIENT_CREDIT",
  "UNKNOWN_CUSTOMER",
  "CUSTOMER_SUSPENDED",
  "CURRENCY_MISMATCH",
]);

interface Entry {
  id: string;
  plan: PlannedOrder;
  dueAt: number;
  status: string;
  version: number;
  followUp: { kind: "cancel" | "fulfil"; at: number } | null;
  /** Whether a follow-up is under way: its answer decides. */
  isChanging: boolean;
  wasConfirmed: boolean;
}

/**
 * Creates the book of the orders that were placed. It holds those that have not come to their end; of all others, it
 * keeps counts.
 */
export function createOrderBook() {
  const open = new Map<string, Entry>();
  const ended = new Map<string, number>();
  const toConfirmed = createTimes();
  let placed = 0;
  let confirmed = 0;
  const refused = { credit: 0, payment: 0 };

  const settle = (entry: Entry): void => {
    const isAtRest =
      ENDS.has(entry.status) ||
      (entry.status === "CONFIRMED" && entry.followUp === null && !entry.isChanging && entry.wasConfirmed);
    if (!isAtRest) return;
    open.delete(entry.id);
    ended.set(entry.status, (ended.get(entry.status) ?? 0) + 1);
  };

  return {
    /** Enters an order that the API has taken. @param dueAt in milliseconds since 1970 */
    add(plan: PlannedOrder, { id, status, version }: ChangedOrder, dueAt: number): void {
      placed += 1;
      const followUp =
        plan.followUp === "cancel" ? { kind: plan.followUp, at: Date.now() + plan.waitMs } : null;
      const entry = { id, plan, dueAt, status, version, followUp, isChanging: false, wasConfirmed: false };
      open.set(id, entry);
    },

    /** Enters how far an order has come. What is older than what is known is passed over. */
    see({ id, status, version, rejectionReason, history }: OrderProgress): void {
      const entry = open.get(id);
      if (!entry || version < entry.version) return;
      Object.assign(entry, { status, version });
      const confirmation = history.find(({ type }) => type === "ORDER_CONFIRMED");
      if (confirmation && !entry.wasConfirmed) {
        entry.wasConfirmed = true;
        confirmed += 1;
        toConfirmed.record(Date.parse(confirmation.occurredAt) - entry.dueAt);
        if (entry.plan.followUp === "fulfil")
          entry.followUp = { kind: "fulfil", at: Date.now() + entry.plan.waitMs };
      }
      if (status === "REJECTED")
        refused[CREDIT_REASONS.has(rejectionReason ?? "") ? "credit" : "payment"] += 1;
      settle(entry);
    },

    /** Takes out the follow-ups whose time has come, the oldest orders' first. */
    takeFollowUps(most: number): OpenOrder[] {
      const due: OpenOrder[] = [];
      for (const entry of open.values()) {
        if (due.length === most) break;
        if (entry.followUp === null || entry.followUp.at > Date.now()) continue;
        due.push({ ...entry });
        entry.followUp = null;
        entry.isChanging = true;
      }
      return due;
    },

    /** Enters what came of a follow-up: the order, or null where it was refused or had no answer. */
    followedUp(id: string, order: ChangedOrder | null): void {
      const entry = open.get(id);
      if (!entry) return;
      entry.isChanging = false;
      if (order !== null && order.version > entry.version)
        Object.assign(entry, { status: order.status, version: order.version });
      settle(entry);
    },

    /** The orders that are to be read next, those that were not read for the longest first. */
    nextToRead(most: number): string[] {
      const ids: string[] = [];
      for (const entry of open.values()) {
        if (ids.length === most) break;
        // A CONFIRMED one stays so until its follow-up.
        if (!entry.wasConfirmed || entry.status !== "CONFIRMED") ids.push(entry.id);
      }
      for (const id of ids) {
        const entry = open.get(id)!;
        open.delete(id);
        open.set(id, entry);
      }
      return ids;
    },

    figures(): OrderFigures {
      const statuses = new Map(ended);
      let oldest = Infinity;
      for (const { status, dueAt } of open.values()) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status !== "CONFIRMED") oldest = Math.min(oldest, dueAt);
      }
      const waiting = [...open.values()].filter(({ status }) => status !== "CONFIRMED").length;
      return {
        placed,
        confirmed,
        statuses,
        refusedForCredit: refused.credit,
        refusedPayments: refused.payment,
        toConfirmed: toConfirmed.read(),
        underWay: waiting,
        oldestMs: waiting === 0 ? 0 : Date.now() - oldest,
      };
    },

    /** Whether nothing is under way, and nothing is still to be done. */
    isAtRest: () => open.size === 0,
  };
}

/** Creates a record of times in bounded memory, exact to a thousandth. */
export function createTimes() {
  const histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: 86_400_000, figures: 3 });
  return {
    /** @param milliseconds below one counts as one */
    record(milliseconds: number): void {
      histogram.record(Math.min(Math.max(1, Math.round(milliseconds)), 86_400_000));
    },
    read(): Times {
      if (histogram.count === 0) return { p50: NaN, p99: NaN };
      return { p50: histogram.percentile(50), p99: histogram.percentile(99) };
    },
  };
}

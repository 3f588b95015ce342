import { loadCreditReservations, loadCustomers } from "@tributary/customer/load";
import { loadOrders, loadProducts } from "@tributary/order/load";
import { loadPayments } from "@tributary/payment/load";
import type { Context, DatabaseUrls } from "../transactions.ts";
import { CONTEXTS, allOrNone, createClient, inTransactions } from "../transactions.ts";
import type { CustomerPlan } from "./customer-plan.ts";
import { planCustomer } from "./customer-plan.ts";
import { customerRow, reservationRows } from "./customers.ts";
import { orderStreams } from "./orders.ts";
import { paymentRows } from "./payments.ts";
import { priceList } from "./products.ts";

export interface SeedOptions {
  readonly urls: DatabaseUrls;
  /** How many customers; 1,000 by default. The first N are the same for every larger number. */
  readonly customers?: number;
  /** Told from time to time for how many of the customers a database has its rows. */
  readonly onProgress?: (progress: { context: Context; done: number; total: number }) => void;
  readonly signal?: AbortSignal;
}

/** How many rows were made in each table; rows that were there already do not count. */
export interface SeedResult {
  readonly customers: number;
  readonly reservations: number;
  readonly orders: number;
  readonly payments: number;
}

/**
 * Fills the three databases with a generated world: the same rows in every run, at any size in the same memory.
 *
 * Each database gets its rows by a connection of its own, side by side. A database that holds something already is added
 * to, and what it has stays as it is, so that a run that was cut off can be repeated.
 *
 * @throws the databases' errors; nothing is left behind then
 */
export async function seed(options: SeedOptions): Promise<SeedResult> {
  const { urls, customers: total = 1000, onProgress } = options;
  const result = { customers: 0, reservations: 0, orders: 0, payments: 0 };
  const work = async (clients: Record<Context, import("pg").Client>): Promise<void> => {
    const rows = function* <T>(
      context: Context,
      signal: AbortSignal,
      make: (plan: CustomerPlan) => Iterable<T>,
    ) {
      for (let index = 1; index <= total; index++) {
        if (index % 1000 === 0) {
          signal.throwIfAborted();
          onProgress?.({ context, done: index, total });
        }
        yield* make(planCustomer(index));
      }
      onProgress?.({ context, done: total, total });
    };
    await allOrNone([
      async (signal) => {
        const customers = rows("customer", signal, (plan) => [customerRow(plan)]);
        result.customers = (await loadCustomers(clients.customer, customers, "auto")).inserted;
        const reservations = rows("customer", signal, reservationRows);
        result.reservations = (await loadCreditReservations(clients.customer, reservations, "auto")).inserted;
      },
      async (signal) => {
        await loadProducts(clients.order, priceList());
        const orders = rows("order", signal, orderStreams);
        result.orders = (await loadOrders(clients.order, orders, "auto")).inserted;
      },
      async (signal) => {
        const payments = rows("payment", signal, paymentRows);
        result.payments = (await loadPayments(clients.payment, payments, "auto")).inserted;
      },
    ]);
  };
  await inTransactions(urls, work, options.signal);
  for (const context of CONTEXTS) await analyze(urls[context]);
  return result;
}

/** Tells the planner what came: autovacuum would, in a minute or so. */
async function analyze(url: string): Promise<void> {
  const client = createClient(url);
  await client.connect();
  try {
    await client.query("ANALYZE");
  } finally {
    await client.end();
  }
}

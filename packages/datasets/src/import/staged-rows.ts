import type { ClientBase } from "pg";
import QueryStream from "pg-query-stream";

/** A customer as it was staged. Amounts come as text: PostgreSQL's bigint goes further than a number does. */
export interface StagedCustomer {
  readonly number: string;
  readonly name: string;
  readonly contact_name: string | null;
  readonly phone: string | null;
  readonly address_line1: string | null;
  readonly address_line2: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postal_code: string | null;
  readonly country: string | null;
  readonly credit_limit_minor: string;
}

/** An order with its lines, whatever the order in which their file had them. */
export interface StagedOrder {
  readonly number: string;
  readonly placed: string;
  readonly required: string | null;
  readonly shipped: string | null;
  readonly status: string;
  readonly comments: string | null;
  readonly customer: string;
  readonly lines: readonly {
    readonly number: number;
    readonly product: string;
    readonly name: string;
    readonly quantity: number;
    readonly price: number;
  }[];
}

/** What an order that waits to be shipped holds of its customer's credit. */
export interface StagedReservation {
  readonly number: string;
  readonly customer: string;
  readonly placed: string;
  readonly total: string;
}

/** A product of the price list; one without a price cannot be ordered. */
export interface StagedProduct {
  readonly code: string;
  readonly name: string;
  readonly price_minor: string | null;
}

export interface StagedPayment {
  readonly customer: string;
  readonly reference: string;
  readonly paid: string;
  readonly amount_minor: string;
}

export function stagedCustomers(client: ClientBase): AsyncIterable<StagedCustomer> {
  return rows(client, "SELECT * FROM raw_customers ORDER BY line");
}

export function stagedOrders(client: ClientBase): AsyncIterable<StagedOrder> {
  return rows(
    client,
    `SELECT o.number, o.placed, o.required, o.shipped, o.status, o.comments, o.customer, l.lines
       FROM raw_orders o
       JOIN (SELECT number,
                    json_agg(json_build_object('number', line_number, 'product', product, 'name', p.name,
                                               'quantity', quantity, 'price', price_minor) ORDER BY line_number) AS lines
               FROM raw_lines JOIN raw_products p ON p.code = product GROUP BY number) l USING (number)
      ORDER BY o.line`,
  );
}

/** @param status what the file calls the orders that hold credit */
export function stagedReservations(client: ClientBase, status: string): AsyncIterable<StagedReservation> {
  return rows(
    client,
    `SELECT o.number, o.customer, o.placed, sum(l.quantity * l.price_minor)::text AS total
       FROM raw_orders o JOIN raw_lines l USING (number)
      WHERE o.status = $1
      GROUP BY o.number, o.customer, o.placed HAVING sum(l.quantity * l.price_minor) > 0 ORDER BY o.number`,
    [status],
  );
}

export function stagedProducts(client: ClientBase): AsyncIterable<StagedProduct> {
  return rows(client, "SELECT code, name, list_price_minor AS price_minor FROM raw_products ORDER BY line");
}

export function stagedPayments(client: ClientBase): AsyncIterable<StagedPayment> {
  return rows(client, "SELECT * FROM raw_payments ORDER BY line");
}

export interface Reject {
  readonly file: string;
  /** The number of the row's first line in the file, from 1. */
  readonly line: number;
  readonly reason: string;
  /** The row as it stands in the file. */
  readonly text: string;
}

/** By file, as the files are read, and line. */
export function rejects(client: ClientBase, files: readonly string[]): AsyncIterable<Reject> {
  return rows(
    client,
    "SELECT file, line, reason, text FROM rejects ORDER BY array_position($1::text[], file), line",
    [files],
  );
}

/** Rows as they come from the database, a batch at a time. The client can do nothing else until the last one. */
function rows<T>(client: ClientBase, sql: string, values: unknown[] = []): AsyncIterable<T> {
  return client.query(new QueryStream(sql, values, { batchSize: 500 })) as AsyncIterable<T>;
}

import { toHistoryEntry, type HistoryEntry } from "../domain/order-history.ts";
import type { OrderLine } from "../domain/order-events.ts";
import type { SagaProgress } from "../domain/saga.ts";
import type { Database } from "./database.ts";

/** Reads the lines of many orders in one statement, each order's by line number. */
export async function linesOfOrders(
  { prisma }: Database,
  orderIds: readonly string[],
): Promise<Map<string, OrderLine[]>> {
  const rows = await prisma.orderLine.findMany({
    where: { orderId: { in: [...orderIds] } },
    orderBy: { lineNumber: "asc" },
  });
  // The table's own check keeps the price within 2^53 - 1.
  return grouped(rows, ({ unitPriceMinor, ...row }) => ({ ...row, unitPriceMinor: Number(unitPriceMinor) }));
}

/** Reads what happened to many orders in one statement, each order's oldest first. */
export async function historyOfOrders(
  { prisma }: Database,
  orderIds: readonly string[],
): Promise<Map<string, HistoryEntry[]>> {
  const rows = await prisma.orderEvent.findMany({
    select: { orderId: true, version: true, type: true, occurredAt: true },
    where: { orderId: { in: [...orderIds] } },
    orderBy: { version: "asc" },
  });
  return grouped(rows, toHistoryEntry);
}

/** Reads how far the sagas of many orders have come, in one statement. */
export async function sagasOfOrders(
  { prisma }: Database,
  orderIds: readonly string[],
): Promise<Map<string, SagaProgress>> {
  const rows = await prisma.orderSaga.findMany({
    select: { orderId: true, step: true, attempts: true, deadline: true },
    where: { orderId: { in: [...orderIds] } },
  });
  return new Map(rows.map((row) => [row.orderId, row]));
}

function grouped<Row extends { orderId: string }, Part>(
  rows: readonly Row[],
  toPart: (row: Row) => Part,
): Map<string, Part[]> {
  const parts = new Map<string, Part[]>();
  for (const row of rows) {
    const ofOrder = parts.get(row.orderId);
    if (ofOrder) ofOrder.push(toPart(row));
    else parts.set(row.orderId, [toPart(row)]);
  }
  return parts;
}

import { momentSql, sql, type Sql } from "@tributary/subgraph-kit";
import type { OrderStatus } from "../domain/order-status.ts";
import type { VisibleOrders } from "../domain/visibility.ts";

/** Which orders to read. All the conditions that are given must hold. */
export interface OrderFilter {
  readonly status?: readonly OrderStatus[] | null;
  /** From the first moment, included, to the last, excluded. */
  readonly placedAt?: { readonly from?: Date | null; readonly to?: Date | null } | null;
  /** In minor units, both ends included. */
  readonly total?: { readonly minMinor?: number | null; readonly maxMinor?: number | null } | null;
}

/** The filter as conditions on the columns of `orders`. */
export function filterConditions(filter: OrderFilter | null): Sql[] {
  const { status, placedAt, total } = filter ?? {};
  const conditions: Sql[] = [];
  if (status) conditions.push(sql`status = ANY(${[...status]}::text[]::"OrderStatus"[])`);
  if (placedAt?.from) conditions.push(sql`placed_at >= ${momentSql(placedAt.from)}`);
  if (placedAt?.to) conditions.push(sql`placed_at < ${momentSql(placedAt.to)}`);
  if (total?.minMinor != null) conditions.push(sql`total_minor >= ${String(total.minMinor)}::text::bigint`);
  if (total?.maxMinor != null) conditions.push(sql`total_minor <= ${String(total.maxMinor)}::text::bigint`);
  return conditions;
}

/** Who may see what, as conditions on the columns of `orders`. */
export function visibilityConditions(visible: VisibleOrders): Sql[] {
  if (visible === "everybody's") return [];
  if (visible === "nobody's") return [sql`false`];
  return [sql`customer_id = ${visible.customerId}::text::uuid`];
}

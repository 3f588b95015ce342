import type { OrderRow } from "../domain/order-state.ts";

/** An order as JSON keeps it: times as RFC 3339 text. */
export type StoredOrder = {
  readonly [Key in keyof OrderRow]: Date extends OrderRow[Key]
    ? string | Exclude<OrderRow[Key], Date>
    : OrderRow[Key];
};

export function storeOrder(order: OrderRow): StoredOrder {
  return {
    ...order,
    placedAt: order.placedAt.toISOString(),
    requiredBy: order.requiredBy?.toISOString() ?? null,
    fulfilledAt: order.fulfilledAt?.toISOString() ?? null,
    updatedAt: order.updatedAt.toISOString(),
  };
}

export function reviveOrder(stored: StoredOrder): OrderRow {
  return {
    ...stored,
    placedAt: new Date(stored.placedAt),
    requiredBy: dateOf(stored.requiredBy),
    fulfilledAt: dateOf(stored.fulfilledAt),
    updatedAt: new Date(stored.updatedAt),
  };
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

import type { CopyValue } from "@tributary/bulk";
import type { OrderLine } from "../domain/order-events.ts";
import type { OrderRow } from "../domain/order-state.ts";

/** The columns of the table `orders`; the first is its key. */
export const orderColumns = (
  "id number customer_id status payment_terms source_status total_minor currency comments placed_at required_by " +
  "fulfilled_at version updated_at rejection_reason"
).split(" ");

/** The columns of the table `order_lines`. */
export const lineColumns = "order_id line_number product_code product_name quantity unit_price_minor".split(
  " ",
);

/** An order's row, by {@link orderColumns}. */
export function orderValues(order: OrderRow): CopyValue[] {
  return [
    order.id,
    order.number,
    order.customerId,
    order.status,
    order.paymentTerms,
    order.sourceStatus,
    order.totalMinor,
    order.currency,
    order.comments,
    order.placedAt,
    order.requiredBy,
    order.fulfilledAt,
    order.version,
    order.updatedAt,
    order.rejectionReason,
  ];
}

/** A line's row, by {@link lineColumns}. */
export function lineValues(orderId: string, line: OrderLine): CopyValue[] {
  return [orderId, line.lineNumber, line.productCode, line.productName, line.quantity, line.unitPriceMinor];
}

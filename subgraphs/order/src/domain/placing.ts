import { parseId } from "./identifier.ts";
import type { OrderFault } from "./order-error.ts";
import type { PaymentTerms } from "./order-status.ts";
import { includes, type VisibleOrders } from "./visibility.ts";

/** What a client sends to place an order; it names products and quantities, never a price. */
export interface PlaceOrderInput {
  readonly customerId?: string | null | undefined;
  readonly currency: string;
  readonly lines: readonly { readonly productCode: string; readonly quantity: number }[];
  readonly paymentTerms: PaymentTerms;
  readonly requiredBy?: Date | null | undefined;
  readonly comments?: string | null | undefined;
  readonly idempotencyKey: string;
}

const MOST_LINES = 500;
const LARGEST_QUANTITY = 10_000;
const LONGEST_CODE = 100;
const LONGEST_COMMENT = 2_000;
const LONGEST_KEY = 255;
const UNSTORABLE = "must not contain NUL or half of a surrogate pair";

/** Lists every rule that the input breaks whatever the price list says; none where it is sound. */
export function placeOrderFaults(input: PlaceOrderInput): OrderFault[] {
  const faults: OrderFault[] = [];
  const need = (holds: boolean, path: string, message: string): void =>
    void (holds || faults.push({ path, message }));
  const { lines, comments } = input;
  need(lines.length > 0, "lines", "must not be empty");
  need(lines.length <= MOST_LINES, "lines", `must be at most ${MOST_LINES}`);
  const first = new Map<string, number>();
  for (const [index, { productCode, quantity }] of lines.slice(0, MOST_LINES).entries()) {
    const at = `lines[${index}]`;
    need(productCode.trim() !== "", `${at}.productCode`, "must not be blank");
    need(
      productCode.length <= LONGEST_CODE,
      `${at}.productCode`,
      `must be at most ${LONGEST_CODE} characters`,
    );
    need(isStorable(productCode), `${at}.productCode`, UNSTORABLE);
    need(quantity >= 1 && quantity <= LARGEST_QUANTITY, `${at}.quantity`, `must be 1 to ${LARGEST_QUANTITY}`);
    const before = first.get(productCode);
    need(
      before === undefined,
      `${at}.productCode`,
      `is the product of lines[${before}] already: add their quantities`,
    );
    first.set(productCode, before ?? index);
  }
  need(
    (comments ?? "").length <= LONGEST_COMMENT,
    "comments",
    `must be at most ${LONGEST_COMMENT} characters`,
  );
  need(isStorable(comments ?? ""), "comments", UNSTORABLE);
  return [...faults, ...keyFaults(input.idempotencyKey)];
}

/** Lists what is wrong with an idempotency key. */
export function keyFaults(idempotencyKey: string): OrderFault[] {
  const { length } = idempotencyKey;
  if (length < 1 || length > LONGEST_KEY) {
    return [{ path: "idempotencyKey", message: `must be 1 to ${LONGEST_KEY} characters` }];
  }
  return isStorable(idempotencyKey) ? [] : [{ path: "idempotencyKey", message: UNSTORABLE }];
}

/** Lists what is wrong with a reason that is kept with an order. */
export function reasonFaults(reason: string | null | undefined): OrderFault[] {
  const text = reason ?? "";
  if (text.length > LONGEST_COMMENT) {
    return [{ path: "reason", message: `must be at most ${LONGEST_COMMENT} characters` }];
  }
  return isStorable(text) ? [] : [{ path: "reason", message: UNSTORABLE }];
}

/**
 * Finds for whom an order is placed: the customer named, else the caller themselves.
 *
 * @returns a UUID; null where nobody is named and the caller is no customer, or may not place orders for the one named
 */
export function buyer(visible: VisibleOrders, customerId: string | null | undefined): string | null {
  if (customerId == null) return typeof visible === "object" ? visible.customerId : null;
  const id = parseId(customerId);
  return id !== null && includes(visible, id) ? id : null;
}

/** PostgreSQL stores any text but NUL and what is not Unicode. */
function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

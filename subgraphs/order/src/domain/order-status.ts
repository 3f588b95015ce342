/** How far an order has come. */
export const ORDER_STATUSES = [
  "PENDING",
  "CREDIT_RESERVED",
  "PAYMENT_AUTHORISED",
  "CONFIRMED",
  "FULFILLED",
  "REJECTING",
  "REJECTED",
  "CANCELLING",
  "CANCELLED",
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const PAYMENT_TERMS = ["PREPAID", "ON_ACCOUNT"] as const;

export type PaymentTerms = (typeof PAYMENT_TERMS)[number];

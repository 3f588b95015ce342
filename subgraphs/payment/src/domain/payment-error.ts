export type PaymentErrorCode =
  /** The payment's status does not allow the command. */
  | "ILLEGAL_STATE"
  /** An amount is not above zero. */
  | "INVALID_AMOUNT"
  /** The amount is in another currency than the payment. */
  | "CURRENCY_MISMATCH"
  /** More than what is left of the captured money. */
  | "REFUND_EXCEEDS_CAPTURED"
  /** The ledger does not add up to what the payment says of itself. */
  | "BROKEN_LEDGER";

export class PaymentError extends Error {
  override readonly name = "PaymentError";
  readonly code: PaymentErrorCode;

  constructor(code: PaymentErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

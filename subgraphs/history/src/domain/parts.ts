/** The parts of a document, as they are stored. Amounts are minor units, times RFC 3339. */

export interface CustomerPart {
  readonly number: string;
  readonly name: string;
  readonly status: "ACTIVE" | "SUSPENDED" | "CLOSED";
  readonly creditLimitMinor: number;
  readonly currency: string;
}

export interface OrderPart {
  readonly number: string;
  readonly status:
    | "PENDING"
    | "CREDIT_RESERVED"
    | "PAYMENT_AUTHORISED"
    | "CONFIRMED"
    | "FULFILLED"
    | "REJECTING"
    | "REJECTED"
    | "CANCELLING"
    | "CANCELLED";
  readonly paymentTerms: "PREPAID" | "ON_ACCOUNT";
  readonly totalMinor: number;
  readonly currency: string;
  readonly rejectionReason: string | null;
  readonly placedAt: string;
  readonly fulfilledAt: string | null;
}

export interface LinesPart {
  readonly lines: readonly {
    readonly lineNumber: number;
    readonly productCode: string;
    readonly productName: string;
    readonly quantity: number;
    readonly unitPriceMinor: number;
  }[];
  /** How many there are, those included that are not kept. */
  readonly lineCount: number;
}

export interface ReservationPart {
  readonly status: "HELD" | "SETTLED" | "RELEASED";
  readonly amountMinor: number;
  readonly currency: string;
}

export interface PaymentPart {
  readonly id: string;
  readonly reference: string | null;
  readonly status:
    "REQUESTED" | "AUTHORISED" | "CAPTURED" | "PARTIALLY_REFUNDED" | "REFUNDED" | "DECLINED" | "VOIDED";
  readonly method: "CARD" | "CHEQUE" | "TRANSFER";
  readonly amountMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
  readonly declineReason: string | null;
  readonly requestedAt: string;
  readonly capturedAt: string | null;
  /** The last ones, oldest first. */
  readonly refunds: readonly {
    readonly sequence: number;
    readonly amountMinor: number;
    readonly reason: string | null;
    readonly occurredAt: string;
  }[];
  readonly refundCount: number;
}

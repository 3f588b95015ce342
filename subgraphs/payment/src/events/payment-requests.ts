import { PermanentError, type Clock, type Envelope, type MessageHandlers } from "@tributary/messaging";
import { z } from "zod";
import { tell } from "../data/payment-outbox.ts";
import type { PaymentStore } from "../data/payment-store.ts";
import { requestPayment, voidPayment } from "../domain/payment-commands.ts";
import type { Payment } from "../domain/payment.ts";
import { providerStep, type WantedAction } from "../domain/provider-steps.ts";

const RequestData = z.object({
  orderId: z.uuid(),
  customerId: z.uuid(),
  amountMinor: z.int().positive(),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
type RequestData = z.output<typeof RequestData>;

/**
 * Creates what the payment context does for the sagas of orders, by the type of the request.
 *
 * A request is noted as a call of the provider, which is made after the transaction. What the payment has come to
 * already is replied at once. A reversal that comes before the authorisation leaves a VOIDED payment, which refuses the
 * late one.
 */
export function createPaymentRequestHandlers(clock: Clock): MessageHandlers<PaymentStore> {
  return {
    AuthorisePayment: handler("AUTHORISE", clock),
    CapturePayment: handler("CAPTURE", clock),
    ReversePayment: handler("REVERSE", clock),
  };
}

function handler(wanted: WantedAction, clock: Clock) {
  return async (store: PaymentStore, envelope: Envelope): Promise<void> => {
    const request = parse(envelope);
    const found = await store.lockPaymentOfOrder(request.orderId);
    const payment = found ?? (await open(store, request, { wanted, clock }));
    if (wanted === "CAPTURE" && (payment.status === "DECLINED" || payment.status === "VOIDED")) {
      throw new PermanentError(`payment ${payment.id} is ${payment.status} and cannot be captured`);
    }
    const cause = {
      requestId: envelope.id,
      correlationId: envelope.correlationId,
      traceparent: envelope.traceparent,
    };
    const { id: paymentId, amount } = payment;
    // A new one is an event, and at the same time the reply to a reversal, which there is nothing left to do for.
    if (found === null) await tell(store, payment, { channel: "payment.events", cause, clock });
    // A payment that is REQUESTED is at the provider already: what is asked now waits for that answer.
    if (providerStep(payment, wanted, amount) === null && payment.status !== "REQUESTED") {
      if (found !== null) await tell(store, payment, { channel: "order.replies", cause, clock });
      return;
    }
    const { amountMinor } = amount;
    await store.addProviderCall({ id: clock.id(), paymentId, action: wanted, amountMinor, ...cause });
  };
}

function parse(envelope: Envelope): RequestData {
  const parsed = RequestData.safeParse(envelope.data);
  if (!parsed.success) throw new PermanentError(z.prettifyError(parsed.error));
  return parsed.data;
}

async function open(
  store: PaymentStore,
  { orderId, customerId, amountMinor, currency }: RequestData,
  { wanted, clock }: { readonly wanted: WantedAction; readonly clock: Clock },
): Promise<Payment> {
  if (wanted === "CAPTURE") throw new PermanentError(`order ${orderId} has no payment to capture`);
  const at = new Date(clock.now());
  const requested = requestPayment({
    id: clock.id(),
    customerId,
    orderId,
    reference: null,
    method: "CARD",
    amount: { amountMinor, currency },
    requestedAt: at,
  });
  const payment = wanted === "REVERSE" ? voidPayment(requested, null, at) : requested;
  await store.insertPayment(payment);
  return payment;
}

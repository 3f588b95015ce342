import type { Clock, Envelope, MessageHandlers } from "@tributary/messaging";
import type { Logger } from "@tributary/subgraph-kit";
import type { OrderStore } from "../data/order-store.ts";
import { moveSaga } from "../data/saga-moves.ts";
import { parseId } from "../domain/identifier.ts";
import { onReply, REPLY_TYPES } from "../domain/saga.ts";

interface ReplyData {
  readonly orderId?: unknown;
  readonly reason?: unknown;
  readonly paymentId?: unknown;
}

/**
 * Creates the handlers of what the customer and the payment context reply to a saga's requests.
 *
 * A reply that is not to the last request is passed over: whatever it tells, the last request asks for again.
 */
export function createReplyHandlers(options: {
  readonly patienceMs: number;
  readonly logger: Pick<Logger, "debug">;
  readonly clock: Clock;
}): MessageHandlers<OrderStore> {
  const handle = async (store: OrderStore, envelope: Envelope): Promise<void> => {
    const data = envelope.data as ReplyData;
    const orderId = parseId(data.orderId);
    // Not every event of the other contexts is about an order: a payment may be on account.
    if (orderId === null) return;
    const locked = await store.lockOrderOfSaga(orderId);
    const step = locked?.saga.step ?? null;
    if (!locked || step === null || locked.saga.requestId !== envelope.causationId) {
      options.logger.debug(
        { orderId, type: envelope.type, messageId: envelope.id },
        "not a reply to the last request",
      );
      return;
    }
    const move = onReply(step, locked.order, { type: envelope.type, data });
    if (move === null) return;
    const { patienceMs, clock } = options;
    const at = new Date(clock.now());
    await moveSaga(store, locked, { ...move, at, causationId: envelope.id, patienceMs, clock });
  };
  return Object.fromEntries(REPLY_TYPES.map((type) => [type, handle]));
}

import type { Clock, Transact } from "@tributary/messaging";
import { failures, idempotently, type IdempotentChange } from "@tributary/subgraph-kit";
import { parseId } from "../domain/identifier.ts";
import { decide } from "../domain/order-commands.ts";
import { OrderError } from "../domain/order-error.ts";
import type { OrderCreatedData } from "../domain/order-events.ts";
import { eventMessage } from "../domain/order-messages.ts";
import { evolve, toRow, type OrderRow } from "../domain/order-state.ts";
import { buyer, keyFaults, placeOrderFaults, reasonFaults, type PlaceOrderInput } from "../domain/placing.ts";
import { cancellation, fulfilment, placement, resumption, type Saga, type SagaMove } from "../domain/saga.ts";
import { includes, type VisibleOrders } from "../domain/visibility.ts";
import type { OrderStore, PricedProduct } from "./order-store.ts";
import { envelopes, moveSaga, waitFor } from "./saga-moves.ts";
import { reviveOrder, storeOrder, type StoredOrder } from "./stored-order.ts";

type PlaceFailure = ReturnType<(typeof failures)["invalidInput" | "notFound" | "idempotencyKeyReused"]>;
type Failure = PlaceFailure | ReturnType<(typeof failures)["staleVersion" | "illegalState"]>;

/** Products that are not in the price list, or not in it in the order's currency. */
export type PriceListFailure =
  | { __typename: "UnknownProducts"; message: string; productCodes: string[] }
  | { __typename: "NotSoldInCurrency"; message: string; productCodes: string[]; currency: string };

/** The order as a mutation left it, or why there was no change. */
export type OrderAnswer = { __typename: "OrderChanged"; order: OrderRow } | Failure;
export type PlaceOrderAnswer =
  { __typename: "OrderChanged"; order: OrderRow } | PlaceFailure | PriceListFailure;

/** An answer as it is kept under its idempotency key. */
type Stored<Refusal> = { __typename: "OrderChanged"; order: StoredOrder } | Refusal;
type Revived<Refusal> = { __typename: "OrderChanged"; order: OrderRow } | Refusal;

/** What a client sends to call an order off, or to ship it. */
export interface OrderChangeInput {
  readonly orderId: string;
  readonly reason?: string | null | undefined;
  /** The version that the client saw; left out where whatever happened since does not matter. */
  readonly expectedVersion?: number | null | undefined;
  readonly idempotencyKey: string;
}

/** Changes orders for one caller: each change once per idempotency key. */
export interface OrderWriter {
  /** @param caller the subject of the caller */
  place(input: PlaceOrderInput, caller: string): Promise<PlaceOrderAnswer>;
  cancel(input: OrderChangeInput, caller: string): Promise<OrderAnswer>;
  fulfil(input: OrderChangeInput, caller: string): Promise<OrderAnswer>;
  resume(input: OrderChangeInput, caller: string): Promise<OrderAnswer>;
}

/** What a change makes of an order and its saga. */
type OrderMove = (order: OrderRow, input: OrderChangeInput, saga: Saga) => SagaMove;

export interface OrderWriterOptions {
  readonly visible: VisibleOrders;
  /** How long the reply to a saga's first request is waited for, in milliseconds. */
  readonly patienceMs: number;
  /** W3C trace context of the request. */
  readonly traceparent: string;
  readonly clock: Clock;
  /** Called after each commit. */
  readonly notify: () => void;
}

export function createOrderWriter(transact: Transact<OrderStore>, options: OrderWriterOptions): OrderWriter {
  const { visible, notify } = options;

  async function once<Refusal extends { __typename: string }>(
    change: IdempotentChange,
    effect: (store: OrderStore) => Promise<Stored<Refusal>>,
  ): Promise<Revived<Refusal | ReturnType<typeof failures.idempotencyKeyReused>>> {
    const answer = await transact((store) =>
      idempotently<Stored<Refusal>>(store, change, () => effect(store)),
    );
    notify();
    return "order" in answer ? { ...answer, order: reviveOrder(answer.order) } : answer;
  }

  const change =
    (operation: string, move: OrderMove) =>
    async (input: OrderChangeInput, caller: string): Promise<OrderAnswer> => {
      const { idempotencyKey: key, ...rest } = input;
      const faults = [...reasonFaults(input.reason), ...keyFaults(key)];
      if (faults.length > 0) return failures.invalidInput(faults);
      // Before the input is fingerprinted, which takes no text that is not Unicode.
      if (parseId(input.orderId) === null) return failures.notFound(input.orderId);
      return once<Failure>({ operation, caller, key, input: rest }, (store) =>
        changeOnce(store, input, { ...options, move }),
      );
    };

  return {
    async place(input, caller) {
      const faults = placeOrderFaults(input);
      if (faults.length > 0) return failures.invalidInput(faults);
      const customerId = buyer(visible, input.customerId);
      if (customerId === null) return nobodyToBuy(input.customerId);
      const { idempotencyKey: key, ...rest } = input;
      return once<PlaceFailure | PriceListFailure>(
        { operation: "placeOrder", caller, key, input: { ...rest, customerId } },
        (store) => placeOnce(store, { ...input, customerId }, options),
      );
    },
    cancel: change("cancelOrder", (order, { reason }) => cancellation(order, reason?.trim() || null)),
    fulfil: change("fulfilOrder", () => fulfilment),
    resume: change("resumeOrder", (order, _input, { step }) => resumption(order, step)),
  };
}

function nobodyToBuy(customerId: string | null | undefined): PlaceFailure {
  if (customerId != null) return failures.notFound(customerId);
  return failures.invalidInput([
    { path: "customerId", message: "must be given by those who are no customer" },
  ]);
}

async function placeOnce(
  store: OrderStore,
  input: PlaceOrderInput & { readonly customerId: string },
  { patienceMs, traceparent, clock }: OrderWriterOptions,
): Promise<Stored<PlaceFailure | PriceListFailure>> {
  const { customerId, currency, paymentTerms, requiredBy, comments } = input;
  const prices = await store.pricesOf(
    input.lines.map(({ productCode }) => productCode),
    currency,
  );
  const failure = priceListFailure(input, prices);
  if (failure) return failure;

  const number = await store.nextOrderNumber();
  const at = new Date(clock.now());
  const placed: OrderCreatedData = {
    customerId,
    number,
    currency,
    paymentTerms,
    lines: input.lines.map(({ productCode, quantity }, index) => {
      const product = prices.get(productCode);
      const unitPriceMinor = product?.priceMinor ?? 0;
      return {
        lineNumber: index + 1,
        productCode,
        productName: product?.name ?? "",
        quantity,
        unitPriceMinor,
      };
    }),
    requiredBy: requiredBy?.toISOString() ?? null,
    comments: comments?.trim() || null,
    sourceStatus: null,
    sourceShippedAt: null,
  };
  const orderId = clock.id();
  try {
    const [decided] = decide(null, { type: "PlaceOrder", orderId, order: placed }, at);
    if (!decided) throw new Error("a new order begins with an event");
    const event = { ...decided, id: clock.id() };
    const order = evolve(null, event);
    const saga = waitFor(
      placement.next,
      { orderId, step: null, attempts: 0, traceparent },
      { at, patienceMs, clock },
    );
    await store.insertOrder(order, { event, saga });
    const messages = [{ ...eventMessage(event, order), id: event.id, version: event.version }];
    await store.send(envelopes(order, saga, { at, causationId: null, messages, next: placement.next }));
    return { __typename: "OrderChanged", order: storeOrder(toRow(order)) };
  } catch (error) {
    if (error instanceof OrderError && error.code === "INVALID_ORDER")
      return failures.invalidInput(error.faults);
    throw error;
  }
}

function priceListFailure(
  { lines, currency }: PlaceOrderInput,
  prices: ReadonlyMap<string, PricedProduct>,
): PriceListFailure | null {
  const codes = lines.map(({ productCode }) => productCode);
  const unknown = codes.filter((code) => !prices.has(code));
  if (unknown.length > 0) {
    const message = `The price list has no product ${unknown.join(", ")}.`;
    return { __typename: "UnknownProducts", message, productCodes: unknown };
  }
  const unpriced = codes.filter((code) => prices.get(code)?.priceMinor == null);
  if (unpriced.length === 0) return null;
  const message = `Not sold in ${currency}: ${unpriced.join(", ")}.`;
  return { __typename: "NotSoldInCurrency", message, productCodes: unpriced, currency };
}

async function changeOnce(
  store: OrderStore,
  { orderId, expectedVersion, ...input }: OrderChangeInput,
  options: OrderWriterOptions & { move: OrderMove },
): Promise<Stored<Failure>> {
  const id = parseId(orderId);
  const locked = id === null ? null : await store.lockOrder(id);
  if (!locked || !includes(options.visible, locked.order.customerId)) return failures.notFound(orderId);
  const { order, saga } = locked;
  if (expectedVersion != null && expectedVersion !== order.version) {
    return failures.staleVersion(expectedVersion, order.version);
  }
  try {
    const move = options.move(order, { orderId, ...input }, saga);
    const traced = { order, saga: { ...saga, traceparent: saga.traceparent ?? options.traceparent } };
    const left = await moveSaga(store, traced, {
      ...move,
      at: new Date(options.clock.now()),
      causationId: null,
      patienceMs: options.patienceMs,
      clock: options.clock,
    });
    return { __typename: "OrderChanged", order: storeOrder(left) };
  } catch (error) {
    if (!(error instanceof OrderError) || error.code !== "ILLEGAL_TRANSITION") throw error;
    return failures.illegalState(order.status, `The order is ${order.status}, which does not allow this.`);
  }
}

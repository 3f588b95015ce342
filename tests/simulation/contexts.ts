import { SUBSCRIPTIONS } from "@tributary/channels";
import { createCreditRequestHandlers } from "@tributary/customer/protocol";
import { eventHandlers } from "@tributary/history/protocol";
import {
  createConsumer,
  createRelay,
  createShardedOutbox,
  createShardLocks,
  handlersOn,
  PermanentError,
  StoreUnavailableError,
  type Consumer,
  type MessageHandlers,
} from "@tributary/messaging/protocol";
import {
  createOrderWriter,
  createReplyHandlers,
  watchDeadlines,
  type OrderWriter,
} from "@tributary/order/protocol";
import {
  createPaymentRequestHandlers,
  createProviderWorker,
  createRefunds,
  type Refunds,
} from "@tributary/payment/protocol";
import type { Mutation } from "./mutation.ts";
import { type Context, type FactContext } from "./plan.ts";
import { createSimulatedCreditStore } from "./stores/credit.ts";
import { createSimulatedHistory } from "./stores/history.ts";
import { createConsumerStore, createOutbox, transactions } from "./stores/messages.ts";
import { createSimulatedOrderStore } from "./stores/orders.ts";
import { createSimulatedPaymentStore } from "./stores/payments.ts";
import type { Transaction } from "./world/database.ts";
import type { SimulatedProcess } from "./world/process.ts";
import type { World } from "./world/world.ts";

/** A process of a context that runs. */
export interface Running {
  readonly process: SimulatedProcess;
  readonly consumer: Consumer;
  /** Writes orders, in the order context. */
  readonly orders?: OrderWriter;
  /** Refunds payments, in the payment context. */
  readonly refunds?: Refunds;
  /** Looks at the outbox, as after a notice. */
  wake(): void;
  /** Ends it as SIGTERM does. */
  stop(): Promise<void>;
}

/** What a context does beside handling messages and relaying. */
interface Part {
  readonly handlers: MessageHandlers<Transaction>;
  readonly onHandled?: () => void;
  readonly orders?: OrderWriter;
  readonly refunds?: Refunds;
  stop(): Promise<void>;
}

export interface StartOptions<Of extends Context = Context> {
  readonly world: World;
  readonly context: Of;
  readonly process: SimulatedProcess;
  readonly mutation: Mutation;
  /** Has the other processes of the context told that there is something in the outbox. */
  readonly notifyOthers: () => void;
  /** Whether a message is to fail for good. */
  readonly isDoomed: (messageId: string) => boolean;
}

/** Starts what a context's process does for the protocol: as its `main.ts` does. */
export function startContext(options: StartOptions): Running {
  const { context } = options;
  return context === "history" ? startHistory(options) : startFacts({ ...options, context });
}

/** As `startMessaging` does. */
function startFacts(options: StartOptions<FactContext>): Running {
  const { world, context, process, mutation, notifyOthers, isDoomed } = options;
  const { clock } = process;
  const database = world.databases[context];
  const stopping = new AbortController();

  const session = world.lockServers[context].open(process, {
    lost: () => locks.forget(),
    connected: () => relay.wake(),
  });
  const locks = createShardLocks(mutation.locks?.(session.locks) ?? session.locks, "share");
  const outbox = createOutbox(database, process, locks.held);
  const publish = (messages: Parameters<World["broker"]["publish"]>[1]): Promise<void> =>
    world.broker.publish(process, messages);
  const relay = createRelay({
    store: createShardedOutbox({
      outbox: mutation.outbox?.(outbox, process) ?? outbox,
      locks,
      clock,
      connected: session.connected,
    }),
    broker: { publish: mutation.publish?.(publish) ?? publish },
    clock,
    batchSize: 20,
  });
  const notify = (): void => {
    relay.wake();
    notifyOthers();
  };

  const part = PARTS[context](options, notify);
  const store = createConsumerStore(database, process);
  const consumer = createConsumer({
    consumer: context,
    store: mutation.consumerStore?.(store) ?? store,
    handlers: noted(part.handlers, context, isDoomed),
    clock,
    events: {
      onHandled() {
        notify();
        part.onHandled?.();
      },
    },
  });
  const subscription = subscribe(options, consumer);
  const relaying = relay.run(stopping.signal);

  return {
    process,
    consumer,
    ...(part.orders && { orders: part.orders }),
    ...(part.refunds && { refunds: part.refunds }),
    wake: relay.wake,
    async stop() {
      await part.stop();
      await subscription.stop();
      await consumer.stop();
      stopping.abort();
      await relaying;
      session.close();
    },
  };
}

/** As `startListening` does: the view tells nobody anything. */
function startHistory(options: StartOptions): Running {
  const { world, context, process, mutation, isDoomed } = options;
  const { store, view } = createSimulatedHistory(world.databases.history, process, mutation.isNewer);
  const createView = (transaction: Transaction) => {
    const own = view(transaction);
    return mutation.view?.(own, transaction) ?? own;
  };
  const consumer = createConsumer({
    consumer: context,
    store: mutation.consumerStore?.(store) ?? store,
    handlers: noted(handlersOn(createView, eventHandlers), context, isDoomed),
    clock: process.clock,
  });
  const subscription = subscribe(options, consumer);
  return {
    process,
    consumer,
    wake() {},
    async stop() {
      await subscription.stop();
      await consumer.stop();
    },
  };
}

/** Has a context's consumer handed what its channels bring. */
function subscribe({ world, context, process, mutation }: StartOptions, consumer: Consumer) {
  const channels = Object.entries(SUBSCRIPTIONS)
    .filter(([, consumers]) => (consumers as readonly string[]).includes(context))
    .map(([channel]) => channel);
  return world.broker.subscribe(process, {
    channels,
    consumer: context,
    handle: mutation.handle?.(consumer.handle) ?? consumer.handle,
  });
}

/** Handlers that tell the transaction what it has the effects of. */
function noted(
  handlers: MessageHandlers<Transaction>,
  consumer: string,
  isDoomed: (messageId: string) => boolean,
): MessageHandlers<Transaction> {
  return Object.fromEntries(
    Object.entries(handlers).map(([type, handle]) => [
      type,
      async (transaction, envelope) => {
        if (isDoomed(envelope.id)) throw new PermanentError("failed by chance");
        await handle(transaction, envelope);
        transaction.effects.push(`${consumer} ${envelope.id}`);
      },
    ]),
  );
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const outages = { note: (error: unknown) => error instanceof StoreUnavailableError };

const PARTS: Readonly<Record<FactContext, (options: StartOptions, notify: () => void) => Part>> = {
  customer({ world, process, mutation }) {
    const createStore = (transaction: Transaction) => {
      const store = createSimulatedCreditStore(world.databases.customer, transaction);
      return mutation.creditStore?.(store, transaction) ?? store;
    };
    return { handlers: handlersOn(createStore, createCreditRequestHandlers(process.clock)), async stop() {} };
  },

  order({ world, process, mutation }, notify) {
    const { clock } = process;
    const { patienceMs } = world.plan;
    const createStore = (transaction: Transaction) => {
      const store = createSimulatedOrderStore(world.databases.order, transaction);
      return mutation.orderStore?.(store, transaction) ?? store;
    };
    const transact = transactions(world.databases.order, process, createStore);
    const deadlines = watchDeadlines(transact, { patienceMs, logger: quiet, outages, clock, notify });
    return {
      handlers: handlersOn(createStore, createReplyHandlers({ patienceMs, logger: quiet, clock })),
      orders: createOrderWriter(transact, {
        visible: "everybody's",
        patienceMs,
        traceparent: "00-00000000000000000000000000000001-0000000000000001-01",
        clock,
        notify,
      }),
      stop: () => deadlines.stop(),
    };
  },

  payment({ world, process, mutation }, notify) {
    const { clock } = process;
    const createStore = (transaction: Transaction) => {
      const store = createSimulatedPaymentStore(world.databases.payment, transaction);
      return mutation.paymentStore?.(store, transaction) ?? store;
    };
    const transact = transactions(world.databases.payment, process, createStore);
    const connected = world.provider.connect(process);
    const provider = mutation.provider?.(connected) ?? connected;
    const worker = createProviderWorker(transact, { provider, logger: quiet, outages, clock });
    worker.start(notify);
    return {
      handlers: handlersOn(createStore, createPaymentRequestHandlers(clock)),
      onHandled: worker.wake,
      refunds: createRefunds(transact, {
        visible: "everybody's",
        traceparent: "00-00000000000000000000000000000001-0000000000000001-01",
        clock,
        afterCommit() {
          worker.wake();
          notify();
        },
      }),
      stop: () => worker.stop(),
    };
  },
};

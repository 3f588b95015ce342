import type { CreditStore } from "@tributary/customer/protocol";
import type { HistoryTransaction } from "@tributary/history/protocol";
import type {
  AdvisoryLocks,
  Broker,
  ConsumerStore,
  Delivery,
  OutboxStore,
  Settlement,
} from "@tributary/messaging/protocol";
import type { OrderStore } from "@tributary/order/protocol";
import type { PaymentProvider, PaymentStore } from "@tributary/payment/protocol";
import type { Transaction } from "./world/database.ts";
import type { SimulatedProcess } from "./world/process.ts";

type Handle = (batch: readonly Delivery[], settlement: Settlement) => Promise<void>;

/** A fault that is planted into the protocol, to see that it is found: each part may be put in the place of the sound one. */
export interface Mutation {
  readonly orderStore?: (sound: OrderStore, transaction: Transaction) => OrderStore;
  readonly creditStore?: (sound: CreditStore, transaction: Transaction) => CreditStore;
  readonly paymentStore?: (sound: PaymentStore, transaction: Transaction) => PaymentStore;
  readonly view?: (
    sound: Pick<HistoryTransaction, "apply">,
    transaction: Transaction,
  ) => Pick<HistoryTransaction, "apply">;
  /** Whether a part is replaced: by one of a newer version, where nothing is planted. */
  readonly isNewer?: (version: number, found: number) => boolean;
  readonly consumerStore?: (sound: ConsumerStore<Transaction>) => ConsumerStore<Transaction>;
  readonly outbox?: (sound: OutboxStore, process: SimulatedProcess) => OutboxStore;
  readonly publish?: (sound: Broker["publish"]) => Broker["publish"];
  readonly locks?: (sound: AdvisoryLocks) => AdvisoryLocks;
  readonly handle?: (sound: Handle) => Handle;
  readonly provider?: (sound: PaymentProvider) => PaymentProvider;
}

import { SUBSCRIPTIONS } from "@tributary/channels";
import { CONTEXTS, PRICE, type Context, type Fault, type Plan } from "../plan.ts";
import { createRules, type Rules } from "../rules.ts";
import type { StoredCustomer, StoredProduct } from "../tables.ts";
import { createSimulatedBroker, type SimulatedBroker } from "./broker.ts";
import { createChance, type Chance } from "./chance.ts";
import { createDatabase, type Database, type Transaction } from "./database.ts";
import { startProcess, type Peer, type SimulatedProcess } from "./process.ts";
import { createSimulatedProvider, type ProviderFaults, type SimulatedProvider } from "./provider.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createLockServer, type LockServer } from "./session.ts";

/** All that processes live in: time, chance, network, databases, the broker and the payment provider. */
export interface World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly databases: Readonly<Record<Context, Database>>;
  readonly lockServers: Readonly<Record<Context, LockServer>>;
  readonly broker: SimulatedBroker;
  readonly provider: SimulatedProvider;
  readonly rules: Rules;
  /** What is away for everybody; `database <context>` or `broker`. */
  readonly down: Set<string>;
  readonly trace: (who: string, what: string) => void;
  /** Starts a process of a context that does nothing yet. */
  process(context: Context, name: string, onCrash: (process: SimulatedProcess) => void): SimulatedProcess;
  /** The id of a customer by its number in the plan. */
  customerId(index: number): string;
}

export const PRODUCT: StoredProduct = { code: "P-1", name: "A product", prices: { USD: PRICE } };

export interface WorldOptions {
  readonly plan: Plan;
  /** Told of each thing that happens; none by default. */
  readonly trace?: (line: string) => void;
  /** Whether transactions of a database run one after the other. */
  readonly isSerial?: boolean;
  /** Told of each transaction that was committed. */
  readonly onCommit?: (context: Context, transaction: Transaction) => void;
}

export function createWorld(options: WorldOptions): World {
  const { plan, trace: tell, isSerial = false } = options;
  const scheduler = createScheduler();
  const chance = createChance(plan.seed);
  const began = scheduler.now();
  const trace = tell
    ? (who: string, what: string) =>
        tell(`${(scheduler.now() - began).toFixed(1).padStart(10)} ms  ${who.padEnd(11)} ${what}`)
    : () => {};
  const down = new Set<string>();
  const shareOf = (kind: Fault["kind"], context?: Context): number =>
    plan.faults.reduce(
      (most, fault) =>
        fault.kind === kind && "share" in fault && (!("context" in fault) || fault.context === context)
          ? Math.max(most, fault.share)
          : most,
      0,
    );
  const slowness = new Map<Peer, number>();
  for (const fault of plan.faults) if (fault.kind === "slow") slowness.set(fault.peer, fault.factor);

  const customerId = (index: number): string => customerIdOf(plan.seed, index);
  const customers = plan.limits.map((limitMinor, index): StoredCustomer => {
    return { id: customerId(index), status: "ACTIVE", limitMinor, currency: "USD" };
  });
  const rules = createRules(customers);
  const databases = byContext((context) => {
    const random = chance.of(`database ${context}`);
    const shares = {
      statement: shareOf("failing statements", context),
      commit: shareOf("lost commit answers", context),
    };
    return createDatabase({
      name: context,
      scheduler,
      trace,
      isSerial,
      onCommit(writes, transaction) {
        rules.onCommit(context, writes, transaction);
        options.onCommit?.(context, transaction);
      },
      fails: (kind) => shares[kind] > 0 && random.next() < shares[kind],
    });
  });
  databases.customer.load("customers", Object.fromEntries(customers.map((row) => [row.id, row])));
  databases.order.setSequence("order_number_seq", plan.seed * 1_000);
  databases.order.load("products", { [PRODUCT.code]: PRODUCT });

  const providerFaults: ProviderFaults = {
    decline: 0.03,
    timeOut: 0,
    loseAnswer: 0,
    answerLate: 0,
    answerTwice: 0,
    arriveLate: 0,
  };
  for (const fault of plan.faults) if (fault.kind === "provider") providerFaults[fault.what] = fault.share;

  let ids = 0;
  return {
    plan,
    scheduler,
    chance,
    databases,
    rules,
    down,
    trace,
    customerId,
    lockServers: byContext((context) => createLockServer(databases[context], scheduler)),
    broker: createSimulatedBroker({
      scheduler,
      // What the view is handed leaves everybody else's schedule as it was.
      randomOf: (consumer) => chance.of(consumer === "history" ? "broker history" : "broker"),
      subscriptions: SUBSCRIPTIONS,
      faults: { handOverEarly: shareOf("early redelivery"), loseAck: shareOf("lost acknowledgements") },
      trace,
    }),
    provider: createSimulatedProvider({
      scheduler,
      random: chance.of("provider"),
      faults: providerFaults,
      trace,
    }),
    process(context, name, onCrash) {
      const random = chance.of(`process ${name}`);
      const ownDatabase = `database ${context}`;
      const process = startProcess({
        name,
        scheduler,
        random,
        trace,
        latency(peer) {
          const base = peer === "database" ? 0.2 : 1;
          // Now and then something takes far longer than usual.
          const usual = base * (0.5 + random.next() + (random.next() < 0.02 ? 40 : 0));
          return usual * (random.next() < 0.3 ? (slowness.get(peer) ?? 1) : 1);
        },
        isDown: (peer) => down.size > 0 && down.has(peer === "database" ? ownDatabase : peer),
        nextId: () => idOf(plan.seed, ids++),
        onCrash: () => onCrash(process),
      });
      return process;
    },
  };
}

function byContext<T>(make: (context: Context) => T): Record<Context, T> {
  return Object.fromEntries(CONTEXTS.map((context) => [context, make(context)])) as Record<Context, T>;
}

/** UUIDv7s that ascend, those of each seed apart from those of others. */
function idOf(seed: number, number: number, variant = "8"): string {
  const digits = seed.toString(16).padStart(10, "0");
  const parts = [digits.slice(0, 4), `7${digits.slice(4, 7)}`, `${variant}${digits.slice(7)}`];
  return `019b76da-${parts.join("-")}-${number.toString(16).padStart(12, "0")}`;
}

/** The id of a customer of a seed's schedule. */
export function customerIdOf(seed: number, index: number): string {
  return idOf(seed, index, "9");
}

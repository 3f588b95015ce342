/** The brokers that a chaos test runs over: pg-boss in the stack's own PostgreSQL, and NATS JetStream. */
export const BROKERS = ["embedded", "nats"] as const;
export type BrokerName = (typeof BROKERS)[number];

/** How long and how hard a chaos test is. */
export interface ChaosSettings {
  /** Decides the load and the faults. */
  readonly seed: number;
  readonly orders: number;
  readonly customers: number;
  /** How many clients place orders at the same time. */
  readonly clients: number;
  /** How long a client waits for an order's end before it places the next one, in milliseconds. */
  readonly patienceMs: number;
  /** How many faults there are at least, also where the load ends before; one of each kind in any case. */
  readonly faults: number;
  /** How long the broker is away each time that it is, in milliseconds. */
  readonly awayMs: number;
  /** How long the system may take to come to rest, in milliseconds. */
  readonly drainMs: number;
}

function count(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined) return otherwise;
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`${name} must be a whole number, and is ${text}`);
  return Number(text);
}

// npm says which script it runs.
const isLong = process.env["npm_lifecycle_event"] === "test:fault";

/**
 * Reads which brokers the chaos test runs over: both, unless CHAOS_BROKER names one.
 *
 * @throws RangeError
 */
export function readChaosBrokers(): readonly BrokerName[] {
  const text = process.env["CHAOS_BROKER"] ?? "both";
  const chosen = text === "both" ? BROKERS : BROKERS.filter((name) => name === text);
  if (chosen.length === 0)
    throw new RangeError(`CHAOS_BROKER must be embedded, nats or both, and is ${text}`);
  return chosen;
}

/** Reads the settings of the chaos test: by default its short form, which `npm run test:fault` lengthens. */
export function readChaosSettings(broker: BrokerName): ChaosSettings {
  const short = { embedded: 120, nats: 60 }[broker];
  return {
    seed: count("TEST_SEED", 1),
    orders: count("CHAOS_ORDERS", isLong ? 2_000 : short),
    customers: count("CHAOS_CUSTOMERS", isLong ? 200 : 20),
    clients: count("CHAOS_CLIENTS", 12),
    patienceMs: isLong ? 8_000 : 500,
    faults: count("CHAOS_FAULTS", isLong ? 120 : 12),
    awayMs: count("CHAOS_AWAY_SECONDS", isLong ? 30 : 5) * 1_000,
    drainMs: count("CHAOS_DRAIN_SECONDS", isLong ? 900 : 150) * 1_000,
  };
}

/** What the orders bench compares, each with each. */
export interface BenchSettings {
  readonly brokers: readonly ("postgres" | "nats")[];
  readonly relays: readonly ("polling" | "wal")[];
  /** How many orders are on disk before anything is measured, roughly. */
  readonly onDisk: readonly number[];
}

/**
 * Reads what the orders bench compares: BENCH_BROKERS, BENCH_RELAYS and BENCH_ORDERS_ON_DISK, each a list with commas.
 *
 * @throws RangeError
 */
export function readBenchSettings(): BenchSettings {
  return {
    brokers: namesOf("BENCH_BROKERS", ["postgres", "nats"]),
    relays: namesOf("BENCH_RELAYS", ["polling", "wal"]),
    onDisk: (process.env["BENCH_ORDERS_ON_DISK"] ?? "2000").split(",").map((text) => {
      if (!/^[1-9]\d{0,7}$/.test(text))
        throw new RangeError(
          `BENCH_ORDERS_ON_DISK has ${text}: write numbers of orders, such as 1000,1000000`,
        );
      return Number(text);
    }),
  };
}

/** Reads names from the environment, all by default. */
function namesOf<Name extends string>(variable: string, all: readonly Name[]): readonly Name[] {
  const given = process.env[variable]?.split(",") ?? all;
  const stranger = given.find((name) => !(all as readonly string[]).includes(name));
  if (stranger !== undefined) throw new RangeError(`${variable} has ${stranger}: write ${all.join(", ")}`);
  return given as readonly Name[];
}

import { FACT_CONTEXTS, type Context } from "@tributary/channels/contexts";
import type { Random } from "../ordering/random.fixture.ts";
import { createChance } from "./world/chance.ts";
import type { Cut, Peer } from "./world/process.ts";

export { CONTEXTS, type Context, type FactContext } from "@tributary/channels/contexts";

/** What a client does with an order, so long after it has come so far. */
export interface Fate {
  readonly afterMs: number;
  /** A return is a cancellation of an order that was confirmed; an order is resumed by those who reconcile. */
  readonly what: "cancel" | "fulfil" | "refund" | "return" | "resume";
}

/** What happens from outside, at a time in milliseconds from the beginning. */
export type Action = { readonly id: string; readonly at: number } & (
  | {
      readonly kind: "place";
      readonly customer: number;
      readonly quantity: number;
      readonly prepaid: boolean;
      readonly fates: readonly Fate[];
    }
  | { readonly kind: "limit"; readonly customer: number; readonly limitMinor: number }
  | { readonly kind: "suspend"; readonly customer: number }
);

interface Victim {
  readonly context: Context;
  /** Which of its processes. */
  readonly process: number;
}

/** Something that goes wrong: at a time and for a while, or to a share of all that could. */
export type Fault = { readonly id: string } & (
  | ({
      readonly kind: "crash";
      readonly at: number;
      readonly steps: number;
      readonly when: "before" | "after";
      readonly downMs: number;
    } & Victim)
  | ({ readonly kind: "restart"; readonly at: number; readonly downMs: number } & Victim)
  | ({ readonly kind: "freeze"; readonly at: number; readonly ms: number } & Victim)
  | ({
      readonly kind: "partition";
      readonly at: number;
      readonly ms: number;
      readonly from: Peer;
      readonly cut: Cut;
    } & Victim)
  /** The session of its locks ends, or loses the answer to one of its next statements. */
  | ({ readonly kind: "session"; readonly at: number; readonly loses: number | null } & Victim)
  | ({ readonly kind: "clock"; readonly at: number; readonly ms: number } & Victim)
  | { readonly kind: "database"; readonly context: Context; readonly at: number; readonly ms: number }
  | { readonly kind: "broker"; readonly at: number; readonly ms: number }
  | { readonly kind: "early redelivery"; readonly share: number }
  | { readonly kind: "lost acknowledgements"; readonly share: number }
  | { readonly kind: "lost notices"; readonly share: number }
  | { readonly kind: "slow"; readonly peer: Peer; readonly factor: number }
  | {
      readonly kind: "failing statements" | "lost commit answers";
      readonly context: Context;
      readonly share: number;
    }
  | {
      readonly kind: "provider";
      readonly what: "timeOut" | "loseAnswer" | "answerLate" | "answerTwice" | "arriveLate" | "decline";
      readonly share: number;
    }
  /** Messages become dead letters, and are handled again at a time. */
  | {
      readonly kind: "dead letters";
      readonly context: Context;
      readonly share: number;
      readonly redriveAt: number;
    }
);

/** A schedule: all that is done and all that goes wrong. The seed decides it, and every delay and coincidence besides. */
export interface Plan {
  readonly seed: number;
  readonly processes: Readonly<Record<Context, number>>;
  /** Credit limits, by customer. */
  readonly limits: readonly number[];
  /** How long a reply is waited for, in milliseconds. */
  readonly patienceMs: number;
  readonly actions: readonly Action[];
  readonly faults: readonly Fault[];
}

/** The price of one piece of what is sold, in minor units. */
export const PRICE = 100;
/** What a plan's parts have in common. */
interface Scale {
  readonly processes: Readonly<Record<Context, number>>;
  readonly customers: number;
  /** Within this time clients place their orders and faults begin, in milliseconds. */
  readonly span: number;
}

/** Makes the schedule of a seed. */
export function makePlan(seed: number): Plan {
  const chance = createChance(seed);
  // What is drawn for the view leaves everybody else's schedule as it was.
  const [random, resumptions, view] = [chance.of("plan"), chance.of("resumptions"), chance.of("view")];
  const two = (): number => (random.next() < 0.4 ? 2 : 1);
  const processes = { customer: two(), order: two(), payment: two(), history: view.next() < 0.4 ? 2 : 1 };
  const limits = Array.from({ length: random.integer(1, 2) }, () => PRICE * random.integer(3, 12));
  // Now and then all at once.
  const span = random.pick([100, 1_500, 6_000]);
  const scale = { processes, customers: limits.length, span };
  const actions: Action[] = Array.from({ length: random.integer(1, 5) }, (_, index) =>
    resumed(resumptions, order(random, index, scale)),
  );
  if (random.next() < 0.2) {
    actions.push({
      id: `a${actions.length}`,
      at: random.integer(0, span),
      kind: "limit",
      customer: random.integer(0, limits.length - 1),
      limitMinor: PRICE * random.integer(0, 12),
    });
  }
  if (random.next() < 0.1)
    actions.push({ id: `a${actions.length}`, at: random.integer(0, span), kind: "suspend", customer: 0 });
  const faults = Array.from({ length: random.integer(0, 7) }, (_, index) =>
    fault(random, `f${index}`, scale),
  );
  const viewFaults = Array.from({ length: view.integer(0, 2) }, (_, index) =>
    fault(view, `v${index}`, { ...scale, contexts: ["history"], kinds: VIEW_KINDS }),
  );
  return {
    seed,
    processes,
    limits,
    patienceMs: random.pick([400, 1_000, 3_000]),
    actions,
    faults: [...faults, ...viewFaults],
  };
}

/** Has some orders resumed, whether they stand still or not. */
function resumed(random: Random, action: Action): Action {
  if (action.kind !== "place" || random.next() >= 0.1) return action;
  const fate: Fate = { afterMs: random.integer(0, 4_000), what: "resume" };
  return { ...action, fates: [...action.fates, fate] };
}

function order(random: Random, index: number, { customers, span }: Scale): Action {
  const fates: Fate[] = [];
  const fate = random.next();
  if (fate < 0.25) fates.push({ afterMs: random.integer(0, 1_500), what: "cancel" });
  else if (fate < 0.45) fates.push({ afterMs: 0, what: "fulfil" });
  else if (fate < 0.65) fates.push({ afterMs: random.integer(0, 40), what: "return" });
  if (random.next() < 0.2) fates.push({ afterMs: random.integer(0, 40), what: "refund" });
  return {
    id: `a${index}`,
    at: random.integer(0, span),
    kind: "place",
    customer: random.integer(0, customers - 1),
    quantity: random.integer(1, 4),
    prepaid: random.next() < 0.85,
    fates,
  };
}

const KINDS = [
  ...([
    "crash",
    "crash",
    "crash",
    "restart",
    "freeze",
    "partition",
    "partition",
    "session",
    "clock",
  ] as const),
  ...(["database", "broker", "early redelivery", "lost acknowledgements", "lost notices", "slow"] as const),
  ...([
    "failing statements",
    "lost commit answers",
    "provider",
    "provider",
    "provider",
    "dead letters",
  ] as const),
];
/** What can go wrong with the view. A message that fails at first is one that comes out of order. */
const VIEW_KINDS = [
  ...(["crash", "crash", "restart", "freeze", "partition", "clock", "database"] as const),
  ...(["failing statements", "lost commit answers", "dead letters", "dead letters"] as const),
];

interface FaultScale extends Scale {
  /** What may go wrong, and in which contexts. */
  readonly contexts?: readonly Context[];
  readonly kinds?: readonly (typeof KINDS)[number][];
}

function fault(
  random: Random,
  id: string,
  { processes, span, contexts = FACT_CONTEXTS, kinds = KINDS }: FaultScale,
): Fault {
  const context = random.pick(contexts);
  const victim: Victim = { context, process: random.integer(0, processes[context] - 1) };
  const at = random.integer(0, span + random.pick([500, 4_000]));
  const share = random.pick([0.05, 0.15, 0.4]);
  const kind = random.pick(kinds);
  switch (kind) {
    case "crash": {
      const when = random.pick(["before", "after"] as const);
      return {
        id,
        kind,
        ...victim,
        at,
        steps: random.integer(0, 25),
        when,
        downMs: random.integer(0, 4_000),
      };
    }
    case "restart":
      return { id, kind, ...victim, at, downMs: random.integer(0, 2_000) };
    case "freeze":
      return { id, kind, ...victim, at, ms: random.pick([300, 2_000, 12_000, 20_000]) };
    case "partition": {
      const from = random.pick(
        context === "payment"
          ? (["broker", "database", "provider"] as const)
          : (["broker", "database"] as const),
      );
      return {
        id,
        kind,
        ...victim,
        at,
        ms: random.integer(100, 5_000),
        from,
        cut: random.pick(["request", "answer"] as const),
      };
    }
    case "session":
      return random.next() < 0.5
        ? { id, kind, ...victim, at, loses: null }
        : { id, kind, ...victim, at: random.pick([0, at]), loses: random.integer(0, 20) };
    case "clock":
      return { id, kind, ...victim, at, ms: random.integer(-5_000, 5_000) };
    case "database":
      return { id, kind, context, at, ms: random.integer(50, 4_000) };
    case "broker":
      return { id, kind, at, ms: random.integer(0, 3_000) };
    case "early redelivery":
    case "lost acknowledgements":
    case "lost notices":
      return { id, kind, share };
    case "slow":
      return {
        id,
        kind,
        peer: random.pick(["broker", "database", "provider"] as const),
        factor: random.pick([10, 100]),
      };
    case "failing statements":
      return { id, kind, context, share: share / 10 };
    case "lost commit answers":
      return { id, kind, context, share: share / 4 };
    case "provider": {
      const whats = ["timeOut", "loseAnswer", "answerLate", "answerTwice", "arriveLate", "decline"] as const;
      return { id, kind, what: random.pick(whats), share };
    }
    case "dead letters":
      return { id, kind, context, share: share / 2, redriveAt: at + random.integer(500, 20_000) };
  }
}

/** The schedule with those of its actions and faults alone that have these ids. */
export function keepOnly(plan: Plan, ids: ReadonlySet<string>): Plan {
  return {
    ...plan,
    actions: plan.actions.filter(({ id }) => ids.has(id)),
    faults: plan.faults.filter(({ id }) => ids.has(id)),
  };
}

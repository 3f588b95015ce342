import { startClients } from "./clients.ts";
import type { Mutation } from "./mutation.ts";
import { createOperator } from "./operator.ts";
import type { Plan } from "./plan.ts";
import { findAtRest, strangeLetters, workLeft } from "./rest.ts";
import { createWorld, type WorldOptions } from "./world/world.ts";

/** What became of a schedule. */
export interface Outcome {
  /** What was broken; each finding begins with the rule's name. */
  readonly findings: readonly string[];
  /** How many things happened, and how much time went by in it, in milliseconds. */
  readonly events: number;
  readonly simulatedMs: number;
  readonly orders: Readonly<Record<string, number>>;
}

export interface SimulateOptions extends Omit<WorldOptions, "plan"> {
  /** What is planted; nothing by default. */
  readonly mutation?: Mutation;
}

/** Where a schedule has not come to rest by then, it never will: events, and milliseconds of its own time. */
const LIMITS = { events: 300_000, ms: 40 * 60_000 };
/** How often it is looked whether all is at rest, in events. */
const LOOK = 64;

/** Runs one schedule to its end and looks for what it broke. The same plan always comes to the same. */
export async function simulate(plan: Plan, options: SimulateOptions = {}): Promise<Outcome> {
  const { mutation = {}, trace, ...rest } = options;
  const world = createWorld({ plan, ...(trace && { trace }), ...rest });
  const { scheduler, rules } = world;
  const began = scheduler.now();
  const operator = createOperator(world, mutation);
  const clients = startClients(world, operator);
  const isAtRest = (): boolean =>
    clients.isDone() &&
    operator.isCalm() &&
    operator.lettersLeft().length === 0 &&
    workLeft(world).length === 0;
  const ended = await scheduler.run(
    () => rules.findings.length > 0 || (scheduler.count() % LOOK === 0 && isAtRest()),
    { events: LIMITS.events, until: began + LIMITS.ms },
  );
  const findings = [...rules.findings];
  if (!ended) findings.push(`Q4 it does not come to rest: ${workLeft(world).join("; ")}`);
  if (findings.length === 0) findings.push(...strangeLetters(world), ...findAtRest(world, clients));
  for (const finding of findings) trace?.(finding);
  const orders: Record<string, number> = {};
  for (const { status } of world.databases.order.committed("orders"))
    orders[status] = (orders[status] ?? 0) + 1;
  return { findings, events: scheduler.count(), simulatedMs: scheduler.now() - began, orders };
}

import type { DeadLetter } from "@tributary/messaging/protocol";
import type { Random } from "../ordering/random.fixture.ts";
import { startContext, type Running } from "./contexts.ts";
import type { Mutation } from "./mutation.ts";
import { CONTEXTS, type Context, type Fault } from "./plan.ts";
import { short } from "./world/broker.ts";
import type { SimulatedProcess } from "./world/process.ts";
import type { World } from "./world/world.ts";

/** Runs the processes, and has things go wrong as the plan says. */
export interface Operator {
  /** A process of a context that runs, by chance; null while none does. */
  any(context: Context): Running | null;
  /** Whether all faults are over and all processes run. */
  isCalm(): boolean;
  /** Dead letters that were never meant to be any. */
  lettersLeft(): DeadLetter[];
}

/** How long it takes until a database notices that a process is gone, at most, in milliseconds. */
const NOTICE_MS = 2_000;
/** When dead letters are handled again at the latest, and how often they are looked for, in milliseconds. */
const REDRIVE = { from: 25_000, every: 1_500 };

export function createOperator(world: World, mutation: Mutation): Operator {
  const { scheduler, plan, databases, lockServers, broker, down, trace } = world;
  // What becomes of the view leaves everybody else's schedule as it was.
  const randomOf = (context: Context): Random =>
    world.chance.of(context === "history" ? "operator history" : "operator");
  const slots = new Map<string, Running | null>();
  let busy = 0;
  /** How long a process stays away that crashes. */
  const downMs = new Map<string, number>();
  const doomed = new Map<string, boolean>();
  const dooms = new Map(
    plan.faults.filter((fault) => fault.kind === "dead letters").map((fault) => [fault.context, fault]),
  );
  const lostNotices = Math.max(
    0,
    ...plan.faults.map((fault) => (fault.kind === "lost notices" && "share" in fault ? fault.share : 0)),
  );

  const at = (milliseconds: number, what: () => void): void => {
    busy += 1;
    scheduler.after(milliseconds, () => {
      busy -= 1;
      what();
    });
  };
  const slot = (context: Context, index: number): string => `${context}-${index + 1}`;

  /** Whether a message fails for good, until dead letters are handled again. */
  function isDoomed(context: Context, messageId: string): boolean {
    const doom = dooms.get(context);
    if (!doom) return false;
    let isOne = doomed.get(`${context} ${messageId}`);
    if (isOne === undefined)
      doomed.set(`${context} ${messageId}`, (isOne = randomOf(context).next() < doom.share));
    return isOne;
  }

  function start(context: Context, index: number): void {
    const name = slot(context, index);
    trace(name, "starts");
    const process = world.process(context, name, (dead) => onEnd(context, index, dead));
    const running = startContext({
      world,
      context,
      process,
      mutation,
      isDoomed: (messageId) => isDoomed(context, messageId),
      notifyOthers() {
        for (let other = 0; other < plan.processes[context]; other++) {
          if (other === index || randomOf(context).next() < lostNotices) continue;
          scheduler.after(1 + randomOf(context).next() * 20, () => slots.get(slot(context, other))?.wake());
        }
      },
    });
    slots.set(name, running);
  }
  function onEnd(context: Context, index: number, dead: SimulatedProcess): void {
    slots.set(slot(context, index), null);
    scheduler.after(randomOf(context).next() * NOTICE_MS, () => databases[context].endSessions(dead));
    at(downMs.get(slot(context, index)) ?? 0, () => start(context, index));
  }

  function strike(fault: Fault): void {
    if (fault.kind === "database") {
      trace(fault.context, `the database is away for ${fault.ms} ms`);
      down.add(`database ${fault.context}`);
      databases[fault.context].endSessions();
      return at(fault.ms, () => void down.delete(`database ${fault.context}`));
    }
    if (fault.kind === "broker") {
      down.add("broker");
      return at(fault.ms, () => {
        down.delete("broker");
        broker.restart();
      });
    }
    if (!("process" in fault)) return;
    const running = slots.get(slot(fault.context, fault.process));
    if (!running) return;
    const { process } = running;
    switch (fault.kind) {
      case "crash":
        downMs.set(process.name, fault.downMs);
        return process.crashAfter(fault.steps, fault.when);
      case "restart":
        return restart(running, fault);
      case "freeze":
        process.freeze(fault.ms);
        // Nobody waits for one that is frozen: its sessions are ended now and then.
        if (randomOf(fault.context).next() < 0.5)
          scheduler.after(fault.ms / 2, () => lockServers[fault.context].cut(process));
        return;
      case "partition":
        trace(process.name, `is cut off from the ${fault.from}: the ${fault.cut} is lost`);
        process.cut(fault.from, fault.cut);
        if (fault.from === "database" && randomOf(fault.context).next() < 0.5)
          scheduler.after(fault.ms / 2, () => databases[fault.context].endSessions(process));
        return at(fault.ms, () => process.cut(fault.from, null));
      case "session":
        if (fault.loses !== null) return lockServers[fault.context].loseAnswer(process, fault.loses);
        trace(process.name, "loses its session");
        return lockServers[fault.context].cut(process);
      case "clock":
        return process.skew(fault.ms);
    }
  }

  function restart(running: Running, fault: Extract<Fault, { kind: "restart" }>): void {
    const name = slot(fault.context, fault.process);
    trace(name, "is stopped");
    busy += 1;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      busy -= 1;
      if (slots.get(name) !== running) return; // it has crashed meanwhile, and was started again
      slots.set(name, null);
      running.process.exit();
      databases[fault.context].endSessions(running.process);
      at(fault.downMs, () => start(fault.context, fault.process));
    };
    void running.stop().then(over);
    // One that does not end is killed.
    scheduler.after(15_000, () => {
      if (!isOver && slots.get(name) === running && running.process.alive()) {
        downMs.set(name, fault.downMs);
        running.process.crash();
      }
      over();
    });
  }

  // Of two letters that are handled at the same moment one may find what the other one writes.
  const isByChance = ({ error }: DeadLetter): boolean => /by chance|has a payment already/.test(error);
  const lettersLeft = (): DeadLetter[] =>
    CONTEXTS.flatMap((context) => databases[context].committed("dead_letters")).filter(isByChance);

  function any(context: Context): Running | null {
    const running = Array.from({ length: plan.processes[context] }, (_, index) =>
      slots.get(slot(context, index)),
    );
    return randomOf(context).pick(running.filter((each) => each != null).concat()) ?? null;
  }

  function redrive(context: Context): void {
    for (const letter of databases[context].committed("dead_letters").filter(isByChance)) {
      trace("operator", `has ${short(letter.messageId)} handled again`);
      void any(context)
        ?.consumer.redrive(letter)
        .catch(() => {});
    }
    scheduler.after(REDRIVE.every, () => redrive(context));
  }

  for (const context of CONTEXTS)
    for (let index = 0; index < plan.processes[context]; index++) start(context, index);
  for (const fault of plan.faults) if ("at" in fault) at(fault.at, () => strike(fault));
  for (const context of CONTEXTS) {
    const doom = dooms.get(context);
    const begin = (): void => {
      dooms.delete(context);
      redrive(context);
    };
    if (doom) at(doom.redriveAt, begin);
    else scheduler.after(REDRIVE.from, begin);
  }

  return { any, isCalm: () => busy === 0, lettersLeft };
}

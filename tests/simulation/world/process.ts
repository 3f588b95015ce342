import type { Clock } from "@tributary/messaging/protocol";
import type { Random } from "../../ordering/random.fixture.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a process talks to over a network. */
export type Peer = "broker" | "database" | "provider";

/** How a way to a peer is broken: requests never arrive, or their answers do not. */
export type Cut = "request" | "answer";

export interface StepOptions {
  readonly to: Peer;
  /** The error of a peer that cannot be reached. */
  readonly away: (what: string) => Error;
  /** Whether a request that was sent has its effect where its sender dies meanwhile. */
  readonly outlives?: boolean;
}

/** A process from its start to its end: what it waits for never comes once it is dead. */
export interface SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether it runs; a frozen process does. */
  alive(): boolean;
  /**
   * Goes one step over the network: takes time, may be cut off, and may be where the process dies.
   *
   * @param act what happens at the other end; a promise where it has to wait there
   */
  step<T>(what: string, act: () => T | Promise<T>, options: StepOptions): Promise<T>;
  /** Has something done in the process: never where it is dead, later where it is frozen. */
  resume(what: () => void): void;
  crash(): void;
  /** Ends it as one that has stopped. */
  exit(): void;
  /** Dies so many steps from now, right before or right after what the step does. */
  crashAfter(steps: number, when: "before" | "after"): void;
  freeze(milliseconds: number): void;
  cut(peer: Peer, how: Cut | null): void;
  reaches(peer: Peer): boolean;
  /** Sets its clock so far from the true time, in milliseconds. */
  skew(milliseconds: number): void;
}

export interface ProcessOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** How long a step takes, in milliseconds. */
  readonly latency: (peer: Peer) => number;
  /** Whether a peer is away for everybody. */
  readonly isDown: (peer: Peer) => boolean;
  /** Gives ids, which ascend in the whole world. */
  readonly nextId: () => string;
  readonly onCrash: () => void;
  readonly trace: (who: string, what: string) => void;
}

/** Starts a process that does nothing yet. */
export function startProcess(options: ProcessOptions): SimulatedProcess {
  const { name, scheduler, random, latency, isDown, trace } = options;
  let alive = true;
  let thawsAt = 0;
  let offset = 0;
  let doom: { steps: number; when: "before" | "after" } | null = null;
  const cuts = new Map<Peer, Cut>();

  function resume(what: () => void): void {
    if (!alive) return;
    const wait = thawsAt - scheduler.now();
    if (wait > 0) scheduler.after(wait, () => resume(what));
    else what();
  }

  function crash(): void {
    if (!alive) return;
    alive = false;
    trace(name, "crashes");
    options.onCrash();
  }

  const clock: Clock = {
    now: () => Math.floor(scheduler.now()) + offset,
    random: () => random.next(),
    id: options.nextId,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const end = (): void => {
          timer.run = null;
          signal?.removeEventListener("abort", end);
          resolve();
        };
        const timer = scheduler.after(milliseconds, () => resume(end));
        signal?.addEventListener("abort", end);
      }),
  };

  return {
    name,
    clock,
    random,
    alive: () => alive,
    resume,
    crash,
    exit() {
      alive = false;
    },
    crashAfter(steps, when) {
      doom = { steps, when };
    },
    freeze(milliseconds) {
      thawsAt = Math.max(thawsAt, scheduler.now() + milliseconds);
      trace(name, `is frozen for ${milliseconds} ms`);
    },
    cut(peer, how) {
      if (how === null) cuts.delete(peer);
      else cuts.set(peer, how);
    },
    reaches: (peer) => !cuts.has(peer) && !isDown(peer),
    skew(milliseconds) {
      offset = milliseconds;
    },
    step<T>(what: string, act: () => T | Promise<T>, { to, away, outlives = false }: StepOptions) {
      return new Promise<T>((resolve, reject) => {
        if (!alive) return;
        const fail = (error: Error): void => resume(() => reject(error));
        const arrive = (): void => {
          if (alive && doom !== null && doom.steps-- <= 0 && doom.when === "before") crash();
          if (!alive && !(outlives && random.next() < 0.5)) return;
          const how = cuts.get(to) ?? (isDown(to) ? "request" : undefined);
          if (how !== undefined && !(how === "answer" && outlives)) {
            scheduler.after(50 + random.next() * 500, () => fail(away(what)));
            return;
          }
          let result: T | Promise<T>;
          try {
            result = act();
          } catch (error) {
            return fail(error as Error);
          }
          // Nobody may be there any more to hear of it.
          if (result instanceof Promise) result.catch(() => {});
          if (alive && doom !== null && doom.steps < 0) return crash();
          if (how !== undefined) {
            scheduler.after(50 + random.next() * 500, () => fail(away(what)));
          } else if (result instanceof Promise) {
            result.then(
              (value) => resume(() => resolve(value)),
              (error: Error) => fail(error),
            );
          } else {
            const value = result;
            resume(() => resolve(value));
          }
        };
        scheduler.after(latency(to), arrive);
      });
    },
  };
}

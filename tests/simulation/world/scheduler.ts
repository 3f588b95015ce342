/** Something that is to happen at a moment of simulated time. */
export interface Timer {
  readonly at: number;
  readonly order: number;
  /** Null once it was cancelled. */
  run: (() => void) | null;
}

/** Simulated time: nothing happens but what was scheduled, one thing at a time. */
export interface Scheduler {
  /** Milliseconds since 1970. */
  now(): number;
  /** Schedules something; what is due at the same moment happens in the order of scheduling. */
  after(milliseconds: number, run: () => void): Timer;
  /**
   * Lets time go on until a condition holds, looked at after each event.
   *
   * @returns false where there is nothing more to happen, or the limits are reached
   */
  run(done: () => boolean, limits: { readonly events: number; readonly until: number }): Promise<boolean>;
  /** How many things have happened. */
  count(): number;
}

/** Creates simulated time from 2026-01-01T00:00Z on. */
export function createScheduler(): Scheduler {
  const heap: Timer[] = [];
  let now = Date.UTC(2026, 0, 1);
  let order = 0;
  let events = 0;

  const before = (left: Timer, right: Timer): boolean =>
    left.at < right.at || (left.at === right.at && left.order < right.order);

  function push(timer: Timer): void {
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  function pop(): Timer | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  return {
    now: () => now,
    count: () => events,
    after(milliseconds, run) {
      const timer: Timer = { at: now + Math.max(0, milliseconds), order: order++, run };
      push(timer);
      return timer;
    },
    run(done, limits) {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      const next = (): void => {
        try {
          if (done()) return resolve(true);
          let timer = pop();
          while (timer !== undefined && timer.run === null) timer = pop();
          if (timer === undefined || timer.at > limits.until || events >= limits.events)
            return resolve(false);
          now = timer.at;
          events += 1;
          timer.run!();
        } catch (error) {
          return reject(error);
        }
        // A tick from within a microtask comes when all microtasks are done: then all code waits for an event again.
        queueMicrotask(() => process.nextTick(next));
      };
      next();
      return promise;
    },
  };
}

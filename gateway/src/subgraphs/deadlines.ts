import { DeadlineError } from "./subgraph-error.ts";

/** A call that is ended where it takes too long. */
export interface TimedCall {
  /** From `performance.now()`. */
  readonly startedAt: number;
  end(reason: Error): void;
}

/** Watches over calls that may all take equally long. */
export interface Deadlines {
  add(call: TimedCall): void;
  remove(call: TimedCall): void;
}

/**
 * Makes what ends calls that take longer than they may. As all may take equally long, they run out in the order in
 * which they began: one timer, for the oldest, is enough for any number of them.
 */
export function createDeadlines(milliseconds: number): Deadlines {
  const calls = new Set<TimedCall>();
  let timer: NodeJS.Timeout | null = null;

  const look = () => {
    timer = null;
    const now = performance.now();
    for (const call of calls) {
      const left = call.startedAt + milliseconds - now;
      if (left > 0) return wait(left);
      calls.delete(call);
      call.end(new DeadlineError(`no answer in ${milliseconds} ms`));
    }
  };
  const wait = (left: number) => {
    // Connections keep the process alive while there are calls.
    timer = setTimeout(look, Math.ceil(left)).unref();
  };

  return {
    add(call) {
      calls.add(call);
      if (timer === null) wait(milliseconds);
    },
    remove: (call) => void calls.delete(call),
  };
}

import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Deadlines } from "./deadlines.ts";
import { SubgraphCall } from "./subgraph-call.ts";
import { DeadlineError } from "./subgraph-error.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Calls that begin one after the other, and end themselves, as transports see to it, when they are told to. */
function begin(deadlines: Deadlines, count: number) {
  return Array.from({ length: count }, () => {
    vi.advanceTimersByTime(7);
    const call = new SubgraphCall("s", performance.now());
    deadlines.add(call);
    call.addEventListener("abort", () => deadlines.remove(call));
    return call;
  });
}

test("calls that take too long are ended, each at its time and no other", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (finishes) => {
      const deadlines = new Deadlines(100);
      const calls = begin(deadlines, finishes.length);
      const finished = calls.filter((_, at) => finishes[at]);
      for (const call of finished) {
        call.finish(null);
        deadlines.remove(call);
      }
      for (const call of calls) {
        vi.advanceTimersByTime(Math.max(call.startedAt + 99 - performance.now(), 0));
        expect(call.aborted).toBe(false);
        vi.advanceTimersByTime(1);
        expect(call.aborted).toBe(!finished.includes(call));
        if (call.aborted) expect(call.reason).toBeInstanceOf(DeadlineError);
      }
      // Nothing is left to wait for.
      vi.advanceTimersByTime(1_000);
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});

test("a call that has ended is not ended again", () => {
  const call = new SubgraphCall("s", performance.now());
  let ended = 0;
  call.addEventListener("abort", () => ended++);
  call.finish({ status: 200, statusText: "", headers: {}, body: "" });
  call.end(new Error("late"));
  expect([ended, call.aborted]).toEqual([0, false]);
});

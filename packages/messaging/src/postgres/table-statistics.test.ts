import { expect, test } from "vitest";
import { keepStatistics } from "./table-statistics.ts";

function setUp() {
  const sent: string[] = [];
  const errors: unknown[] = [];
  let now = 0;
  let answer = Promise.withResolvers<void>();
  const statistics = keepStatistics({
    run(text) {
      sent.push(text);
      answer = Promise.withResolvers();
      return answer.promise;
    },
    tables: ["jobs (name, state)", "sagas (id)"],
    clock: { now: () => now },
    onError: (error) => void errors.push(error),
  });
  return {
    statistics,
    sent,
    errors,
    pass: (milliseconds: number) => void (now += milliseconds),
    async end(error?: Error) {
      if (error) answer.reject(error);
      else answer.resolve();
      await new Promise(setImmediate);
    },
  };
}

test("looks after 100 rows, and then each time that there were twice as many", async () => {
  const { statistics, sent, end } = setUp();
  let rows = 0;
  const looks: number[] = [];
  while (rows < 1_000) {
    rows += 10;
    statistics.note(10, false);
    if (sent.length > looks.length) looks.push(rows);
    await end();
  }
  expect(looks).toEqual([100, 200, 400, 800]);
  expect(sent[0]).toBe(
    "SET LOCAL default_statistics_target = 10; ANALYZE (SKIP_LOCKED) jobs (name, state), sagas (id)",
  );
});

test("looks every five seconds while more is waiting, and not while it is looking", async () => {
  const { statistics, sent, pass, end } = setUp();
  statistics.note(1, true);
  expect(sent).toHaveLength(1);
  pass(60_000);
  statistics.note(1_000, true);
  expect(sent).toHaveLength(1);
  await end();
  statistics.note(0, true);
  await end();
  expect(sent).toHaveLength(2);
  pass(4_999);
  statistics.note(1, true);
  expect(sent).toHaveLength(2);
  pass(1);
  statistics.note(1, true);
  expect(sent).toHaveLength(3);
});

test("goes on after a failure, which it tells of", async () => {
  const { statistics, sent, errors, end } = setUp();
  statistics.note(100, false);
  await end(new Error("gone"));
  expect(errors).toEqual([new Error("gone")]);
  statistics.note(100, false);
  expect(sent).toHaveLength(2);
});

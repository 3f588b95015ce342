import { expect, test } from "vitest";
import { createRestartPolicy } from "./restart-policy.ts";

test("a worker that ends again and again waits longer each time, and others do not wait for it", () => {
  let now = 0;
  const policy = createRestartPolicy({ workers: 4, now: () => now });
  expect([1, 1, 1, 1].map((number) => policy.ended(number))).toEqual([100, 200, 400, 800]);
  expect(policy.ended(2)).toBe(100);
  now += 60_000;
  expect(policy.ended(1)).toBe(100);
});

test("one of many that cannot run is tried for ever; when all of them end, all is given up", () => {
  let now = 0;
  const policy = createRestartPolicy({ workers: 4, now: () => now });
  for (let time = 0; time < 100; time++) {
    const wait = policy.ended(1);
    expect(wait).toBeLessThanOrEqual(6_400);
    // And as long again until it has started.
    now += wait! + 500;
  }
  const others = createRestartPolicy({ workers: 4, now: () => now });
  const ends = Array.from({ length: 21 }, (_, index) => others.ended((index % 4) + 1));
  expect(ends.indexOf(null)).toBe(20);
});

import { expect, test } from "vitest";
import { ResponseMemory } from "./response-memory.ts";

test("gives memory out again that was given back, and no memory to two at a time", () => {
  const memory = new ResponseMemory();
  const first = memory.take(40_000);
  const second = memory.take(40_000);
  expect(second.buffer).not.toBe(first.buffer);
  memory.release(first);
  const third = memory.take(40_900);
  expect(third.buffer).toBe(first.buffer);
  expect(third).toHaveLength(40_900);
  // Given back for the second time, it would be given to two.
  memory.release(third);
  memory.release(third);
  expect(memory.take(40_000).buffer).not.toBe(memory.take(40_000).buffer);
});

test("takes no memory back that is not of here", () => {
  const memory = new ResponseMemory();
  const foreign = Buffer.allocUnsafeSlow(65_536);
  memory.release(foreign);
  expect(memory.take(65_536).buffer).not.toBe(foreign.buffer);
});

test("keeps no more than 32 MiB for later", () => {
  const memory = new ResponseMemory();
  const taken = Array.from({ length: 100 }, () => memory.take(1024 * 1024));
  for (const each of taken) memory.release(each);
  const known = new Set(taken.map(({ buffer }) => buffer));
  const again = Array.from({ length: 100 }, () => memory.take(1024 * 1024));
  expect(again.filter(({ buffer }) => known.has(buffer))).toHaveLength(32);
});

import { expect, test } from "vitest";
import { createPendingRequests } from "./pending-requests.ts";

const soon = { milliseconds: 10 };
const long = { milliseconds: 60_000 };

test("equal requests that are under way at one time get a response each, in whatever order it comes", async () => {
  const pending = createPendingRequests<string>();
  const ids: number[] = [];
  const asked = Array.from({ length: 5 }, () => pending.request((id) => ids.push(id), long));
  expect(new Set(ids).size).toBe(5);
  for (const id of ids.toReversed()) pending.settle(id, `response ${id}`);
  expect(await Promise.all(asked)).toEqual(ids.map((id) => `response ${id}`));
});

test("a request without a response ends with its time, alone, and a response that is late is dropped", async () => {
  const pending = createPendingRequests<string>();
  let late = 0;
  const ids: number[] = [];
  const first = pending.request((id) => ids.push(id), { ...soon, onLate: () => late++ });
  const second = pending.request((id) => ids.push(id), long);
  expect(await first).toBeNull();
  expect(late).toBe(1);
  pending.settle(ids[0]!, "late");
  pending.settle(ids[1]!, "in time");
  expect(await second).toBe("in time");
});

test("all requests to a process that has gone end, those that come later too", async () => {
  const pending = createPendingRequests<string>();
  let sent = 0;
  const asked = [1, 2, 3].map(() => pending.request(() => sent++, long));
  pending.abandon();
  expect(await Promise.all(asked)).toEqual([null, null, null]);
  expect(await pending.request(() => sent++, long)).toBeNull();
  expect(sent).toBe(3);
});

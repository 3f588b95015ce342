import { type OperationDefinitionNode, parse } from "graphql";
import { expect, test, vi } from "vitest";
import { type Usage, parseUsage, usageText } from "./usage-format.ts";
import { type UsageRecord, createUsageRecord, usageLimits } from "./usage-record.ts";

const web = { name: "web", version: "1" };
const nobody = { name: null, version: null };

function send(record: UsageRecord, source: string, client: typeof web | typeof nobody = web) {
  const document = parse(source);
  record.count(document, document.definitions[0] as OperationDefinitionNode, client);
}
const counts = (record: UsageRecord) =>
  record
    .read()
    .operations.map(({ body, clients }) => [
      body.replaceAll(/\s+/g, " "),
      ...clients.map(({ name, count }) => `${name} ${count}`),
    ]);

test("counts by text and client, with the first and the last time", () => {
  vi.useFakeTimers({ now: Date.parse("2026-05-06T07:00:00Z") });
  const record = createUsageRecord(null);
  send(record, "query A { a(x: 1) }");
  vi.setSystemTime(Date.parse("2026-05-06T08:00:00Z"));
  send(record, "query A {\n  a(x: 2)\n}");
  send(record, "{ b }", nobody);
  const { operations, since, leftOut } = record.read();
  vi.useRealTimers();
  expect({ operations, since, leftOut }).toEqual({
    since: "2026-05-06T07:00:00.000Z",
    leftOut: { requests: 0, last: null },
    operations: [
      {
        name: "A",
        type: "query",
        body: "query A {\n  a(x: 0)\n}",
        clients: [
          {
            ...web,
            count: 2,
            firstSeen: "2026-05-06T07:00:00.000Z",
            lastSeen: "2026-05-06T08:00:00.000Z",
          },
        ],
      },
      expect.objectContaining({ name: null, body: "{\n  b\n}" }),
    ],
  });
});

test("goes on from what a file says", () => {
  const first = createUsageRecord(null);
  send(first, "{ a }");
  const file = parseUsage([...usageText(first.read())].join("")) as Usage;
  const record = createUsageRecord(file);
  send(record, "{ a }");
  send(record, "{ a }", nobody);
  expect(counts(record)).toEqual([["{ a }", "web 2", "null 1"]]);
  expect(record.read().since).toBe(file.since);
});

test("forgets what was not seen for the longest time where it is full, and says how many requests that leaves out", () => {
  vi.useFakeTimers();
  const record = createUsageRecord(null, { ...usageLimits, operations: 3 });
  for (const source of ["{ a }", "{ b }", "{ c }", "{ a }", "{ d }"]) {
    vi.advanceTimersByTime(1_000);
    send(record, source);
  }
  const last = new Date(Date.now() - 3_000).toISOString();
  vi.useRealTimers();
  expect(counts(record)).toEqual([
    ["{ a }", "web 2"],
    ["{ c }", "web 1"],
    ["{ d }", "web 1"],
  ]);
  expect(record.read().leftOut).toEqual({ requests: 1, last });
});

test("takes no more text than fits, neither in one operation nor in all", () => {
  const record = createUsageRecord(null, { ...usageLimits, characters: 20, charactersInAll: 30 });
  send(record, `{ ${"a".repeat(20)} }`);
  expect(counts(record)).toEqual([]);
  for (const name of ["a", "b", "c", "d", "e"]) send(record, `{ ${name.repeat(9)} }`);
  expect(record.read().operations.length).toBe(2);
  expect(record.read().leftOut.requests).toBe(4);
});

test("takes only so many clients of one operation; the others are counted without a name", () => {
  const record = createUsageRecord(null, { ...usageLimits, clientsOfAnOperation: 2 });
  for (const name of ["a", "b", "c", "d", "a"]) send(record, "{ a }", { name, version: "1" });
  expect(counts(record)).toEqual([["{ a }", "a 2", "b 1", "null 2"]]);
});

test.each([
  ["text that is not JSON", "{", "it is not JSON"],
  ["another version", JSON.stringify({ format: "operation usage", version: 2 }), "version"],
  ["something else", JSON.stringify({ operations: [] }), "format"],
  ["no object", "[]", "it:"],
])("%s is no usage file", (_, text, fault) => {
  expect(parseUsage(text)).toEqual({ fault: expect.stringContaining(fault) as string });
});

import { describe, expect, test } from "vitest";
import { memoryFiles } from "../commands/memory-files.ts";
import { UsageError } from "../result/fault.ts";
import { readOperations } from "./read-operations.ts";

const today = "2026-06-15";

/** What a gateway writes: an operation a line. */
function usage(operations: object[], head: object = {}): string {
  const whole = {
    format: "operation usage",
    version: 1,
    since: "2026-01-01T00:00:00.000Z",
    written: "2026-06-14T12:00:00.000Z",
    leftOut: { requests: 0, last: null },
    ...head,
  };
  const lines = operations.map((each) => JSON.stringify(each)).join(",\n");
  return `${JSON.stringify(whole).slice(0, -1)},"operations":[\n${lines}\n]}\n`;
}

function operation(
  name: string | null,
  lastSeen = "2026-06-14T11:00:00.000Z",
  client: string | null = "web",
) {
  const clients = [{ name: client, version: client && "1.2", count: 3, firstSeen: lastSeen, lastSeen }];
  return { name, type: "query", body: name === null ? "{\n  a\n}" : `query ${name} {\n  a\n}`, clients };
}

const read = (texts: Record<string, string>, set: object) =>
  readOperations(memoryFiles({ texts }), { sets: [{ name: "clients", ...set }], today });
const complete = { usage: "usage.json", days: 30, complete: true };

describe("a usage file", () => {
  test("gives each operation with its line and who sent it", async () => {
    const { operations, findings } = await read(
      { "usage.json": usage([operation("A"), operation(null, undefined, null)]) },
      { usage: "usage.json" },
    );
    expect(findings).toEqual([]);
    expect(operations).toMatchObject([
      {
        name: "A",
        place: { file: "usage.json", line: 2, column: 35 },
        sent: { requests: 3, clients: ["web 1.2"], last: "2026-06-14T11:00:00.000Z" },
        complete: false,
      },
      { name: "(anonymous)", place: { file: "usage.json", line: 3 }, sent: { requests: 3, clients: [] } },
    ]);
  });

  test("may be several in a folder, whose counts are added", async () => {
    const files = {
      "usage/1.json": usage([operation("A")]),
      "usage/2.json": usage([operation("A", "2026-06-14T11:30:00.000Z", "app"), operation("B")]),
    };
    const { operations } = await read(files, { usage: "usage" });
    expect(operations.map(({ name, place, sent }) => [name, place.file, sent])).toEqual([
      [
        "A",
        "usage/1.json",
        { requests: 6, clients: ["web 1.2", "app 1.2"], last: "2026-06-14T11:30:00.000Z" },
      ],
      ["B", "usage/2.json", expect.anything()],
    ]);
  });

  test("does not count what was sent longer ago than the days that are asked for", async () => {
    const text = usage([operation("A"), operation("Old", "2026-05-01T00:00:00.000Z")]);
    const { operations } = await read({ "usage.json": text }, complete);
    expect(operations.map(({ name, complete: excuses }) => [name, excuses])).toEqual([["A", true]]);
  });

  test.each([
    [
      "left some out",
      { leftOut: { requests: 7, last: "2026-06-01T00:00:00.000Z" } },
      "no room for 7 requests",
    ],
    ["tells of too short a time", { since: "2026-06-01T00:00:00.000Z" }, "since 2026-06-01 only"],
    ["is old", { written: "2026-04-01T00:00:00.000Z" }, "was written on 2026-04-01"],
  ])("that %s excuses nothing, though it is declared complete", async (_, head, reason) => {
    const own = operation("A", "2026-04-01T00:00:00.000Z");
    const text = usage([own, operation("B")], head);
    const { operations, findings } = await read({ "usage.json": text }, complete);
    expect(findings).toMatchObject([{ code: "OPERATIONS_INCOMPLETE", severity: "warning" }]);
    expect(findings[0]?.message).toContain(reason);
    expect(operations.filter((each) => each.complete)).toEqual([]);
    expect((await read({ "usage.json": text }, { usage: "usage.json" })).findings).toEqual([]);
  });

  test("that left something out before the days that count is complete", async () => {
    const head = { leftOut: { requests: 7, last: "2026-02-01T00:00:00.000Z" } };
    const { findings } = await read({ "usage.json": usage([operation("A")], head) }, complete);
    expect(findings).toEqual([]);
  });

  test("with an operation that is no GraphQL fails at its line", async () => {
    const text = usage([operation("A"), { ...operation("B"), body: "query B {" }]);
    expect((await read({ "usage.json": text }, { usage: "usage.json" })).findings).toMatchObject([
      { code: "OPERATION_UNREADABLE", places: [{ file: "usage.json", line: 3, column: 35 }] },
    ]);
  });

  test.each([
    ["is not there", {}, "has none: usage.json"],
    ["has no operation of those days", { "usage.json": usage([]) }, "has none: usage.json"],
    ["is no JSON", { "usage.json": "{" }, "usage.json is not JSON"],
    ["is something else", { "usage.json": "{}" }, "usage.json is no usage file of the gateway's"],
    ["is newer", { "usage.json": usage([], { version: 2 }) }, "usage.json is a usage file of version 2"],
    ["is damaged", { "usage.json": usage([], { since: "soon" }) }, "usage.json is no usage file: since"],
  ])("that %s is refused", async (_, texts, message) => {
    const error = await read(texts, complete).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
  });
});

test("a manifest's operations have the line at which they stand, also after a byte order mark", async () => {
  const entries = [
    { id: "1", name: "A", type: "query", body: "query A { a }" },
    { id: "2", name: "B", type: "query", body: "{ b }" },
    { id: "3", name: "C", type: "query", body: "{ b }" },
  ];
  const text = `\uFEFF${JSON.stringify({ format: "x", version: 1, operations: entries }, null, 2)}`;
  const { operations } = await read({ "manifest.json": text }, { manifest: "manifest.json" });
  expect(operations.map(({ name, place }) => [name, place])).toEqual([
    ["A", { file: "manifest.json", line: 9, column: 15 }],
    ["B", { file: "manifest.json", line: 15, column: 15 }],
    ["C", { file: "manifest.json", line: 21, column: 15 }],
  ]);
});

import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOutageWatch, type OutageWatch } from "./outage-watch.ts";

const coded = (code: string, severity = "ERROR") =>
  Object.assign(new Error("as the database says"), { code, severity });
const refused = () =>
  Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });

let lines: Record<string, unknown>[];
let answers: boolean;
let pings: number;
let watch: OutageWatch;

beforeEach(() => {
  lines = [];
  answers = false;
  pings = 0;
  watch = createOutageWatch({
    logger: pino(
      {},
      { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    ),
    async ping() {
      pings++;
      if (!answers) throw refused();
    },
    everyMs: 10,
    quietMs: 300,
  });
});
afterEach(() => watch.stop());

const messages = () => lines.map(({ msg }) => msg);
const until = async (holds: () => boolean) => {
  while (!holds()) await sleep(5);
};
const back = "the database can be used again";

test("an outage is two lines, whatever it costs", async () => {
  for (let count = 0; count < 1000; count++) expect(watch.note(refused())).toBe(true);
  expect(watch.note(coded("57P03", "FATAL"), 0)).toBe(true);
  await until(() => pings > 3);
  expect(messages()).toEqual([expect.stringContaining("the database cannot be reached")]);
  answers = true;
  await until(() => messages().includes(back));
  expect(lines).toMatchObject([
    { level: 50, reason: "cannot be reached", detail: "connect ECONNREFUSED" },
    { level: 40, failed: 1000, msg: back },
  ]);
  expect(JSON.stringify(lines)).not.toContain(String.raw`\n    at `);
  const asked = pings;
  await sleep(50);
  expect(pings).toBe(asked);
  watch.note(refused());
  await until(() => lines.length === 4);
  expect(lines[3]).toMatchObject({ failed: 1, msg: back });
});

test("a full disk is not over because a ping is answered", async () => {
  answers = true;
  watch.note(coded("53100"));
  await until(() => pings > 5);
  watch.note(coded("53100"));
  expect(messages()).toEqual([expect.stringContaining("has run out of space")]);
  await until(() => messages().includes(back));
  expect(lines[1]).toMatchObject({ failed: 2 });
});

test("an error of the statement is none of its business", () => {
  for (const error of [coded("23505"), coded("42P01"), coded("22P02"), new Error("oh"), undefined, "text"])
    expect(watch.note(error)).toBe(false);
  expect(lines).toEqual([]);
});

test("idle connections that break are one line where the database is still there, and an outage where not", async () => {
  answers = true;
  for (let count = 0; count < 5; count++) watch.suspect(coded("57P01", "FATAL"));
  await until(() => lines.length > 0);
  expect(lines).toMatchObject([{ level: 40, connections: 5 }]);
  answers = false;
  for (let count = 0; count < 5; count++) watch.suspect(coded("57P01", "FATAL"));
  await until(() => lines.length > 1);
  expect(lines[1]).toMatchObject({ level: 50, reason: "cannot be reached" });
  answers = true;
  await until(() => lines.length > 2);
  expect(lines[2]).toMatchObject({ failed: 0, msg: back });
});

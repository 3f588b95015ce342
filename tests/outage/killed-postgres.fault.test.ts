import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startStack, type Stack, type StackEvent } from "@tributary/stack";
import { afterAll, beforeAll, expect, it } from "vitest";
import { askApi } from "../support/api.ts";

const flagship = readFileSync(
  new URL("../../schema/operations/customer-with-payment-history.graphql", import.meta.url),
  "utf8",
);

let stack: Stack;
let token: string;
const events: StackEvent[] = [];

beforeAll(async () => {
  stack = await startStack({ seedCustomers: 20, onEvent: (event) => void events.push(event) });
  token = await stack.token("admin");
});
afterAll(() => stack?.stop());

const ask = () =>
  askApi(stack.gatewayUrl, token, {
    query: flagship,
    variables: { id: stack.sampleCustomerId, orders: 3, payments: 3 },
  });

const postmaster = () =>
  Number(readFileSync(join(stack.paths.postgres, "postmaster.pid"), "utf8").split("\n")[0]);

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

interface Line {
  level: number;
  msg: string;
  failed?: number;
}

const linesOf = (name: "customer" | "order" | "payment") =>
  stack.subgraphs[name].logs().map((line) => JSON.parse(line) as Line);

it("a killed database was never started again, and each field was an internal error with a stack in the log", async () => {
  const whole = await ask();
  expect(whole.errors).toEqual([]);
  const before = postmaster();
  process.kill(before, "SIGKILL");

  const codes = new Map<string, number>();
  const failedOf = new Map<unknown, number>();
  const asking = Array.from({ length: 4 }, async () => {
    for (;;) {
      const { status, errors } = await ask();
      expect(status).toBe(200);
      if (errors.length === 0 && codes.size > 0) return;
      for (const { message, extensions } of errors) {
        codes.set(extensions.code, (codes.get(extensions.code) ?? 0) + 1);
        const service = extensions["service"];
        failedOf.set(service, (failedOf.get(service) ?? 0) + 1);
        expect(message).toMatch(/Try again later/);
        expect(extensions["retryAfter"]).toBe(1);
      }
      if (errors.length === 0) await sleep(5);
    }
  });
  await Promise.all(asking);
  expect([...codes.keys()]).toEqual(["DATABASE_UNAVAILABLE"]);
  expect(await ask()).toEqual(whole);
  expect(postmaster()).not.toBe(before);

  const told = events.filter((event) => event.type === "trouble").map(({ text }) => text);
  expect(told).toContain("postgres ended (SIGKILL): it is started again");
  expect(told.some((text) => /^postgres runs again on 127\.0\.0\.1:\d+$/.test(text))).toBe(true);

  for (const name of ["customer", "order", "payment"] as const) {
    if (!failedOf.has(name)) continue;
    while (!linesOf(name).some(({ msg }) => msg === "the database can be used again")) await sleep(20);
    // The broker is in the same server.
    while (!linesOf(name).some(({ msg }) => msg === "the broker can be used again")) await sleep(20);
    const isOfBroker = ({ msg }: Line) => msg.startsWith("the broker ");
    const warnings = linesOf(name).filter(({ level }) => level > 30);
    const lines = warnings.filter((line) => !isOfBroker(line));
    expect(lines.map(({ level }) => level)).toEqual([50, 40]);
    expect(warnings.filter(isOfBroker).map(({ level }) => level)).toEqual([50, 40]);
    // The gateway gives one error for each place; the service counts fields, of which a fetch may have more.
    expect(lines[1]?.failed).toBeGreaterThan(0);
  }
  const gatewayLines = stack.gateway!.logs().map((line) => JSON.parse(line) as Line);
  expect(gatewayLines.filter(({ level }) => level >= 50)).toEqual([]);

  const children = [
    postmaster(),
    stack.gateway!.pid,
    ...Object.values(stack.subgraphs).map(({ pid }) => pid),
  ];
  expect(children.filter(isAlive)).toEqual(children);
  await stack.stop();
  expect([before, ...children].filter(isAlive)).toEqual([]);
}, 120_000);

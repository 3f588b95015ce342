import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findBreaches } from "@tributary/datasets/test-invariants";
import { hasNatsServer } from "@tributary/messaging/test-nats-server";
import { startStack, type Stack } from "@tributary/stack";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untilHistoriesAreWhole } from "../support/history.ts";
import { BROKERS, readChaosBrokers, readChaosSettings } from "./config.ts";
import { publishAgain, startFaults } from "./faults.fixture.ts";
import { placeAgain, runLoad } from "./load.fixture.ts";
import { createRandom } from "./random.fixture.ts";
import { comeToRest, findMessagingBreaches, rowsOf } from "./rest.fixture.ts";
import { startChaosServers, type ChaosServers } from "./servers.fixture.ts";

const chosen = readChaosBrokers();

describe.each(
  BROKERS.map((broker) => {
    const without = broker === "nats" && !hasNatsServer ? " (left out: needs nats-server)" : "";
    return { broker, title: `${broker}${without}`, skip: without !== "" || !chosen.includes(broker) };
  }),
)("over the broker $title", ({ broker, skip }) => {
  const settings = readChaosSettings(broker);
  let servers: ChaosServers;
  let stack: Stack;
  const lost = new AbortController();

  beforeAll(async () => {
    if (skip) return;
    servers = await startChaosServers(broker);
    stack = await startStack({
      seedCustomers: 5,
      // What was committed must be there after the server was killed.
      postgresSettings: { synchronous_commit: "on" },
      env: {
        ...servers.env,
        SAGA_PATIENCE_MS: "1000",
        SIMULATED_PROVIDER_DECLINE: "0.1",
        SIMULATED_PROVIDER_TIME_OUT: "0.03",
        SIMULATED_PROVIDER_LOSE_ANSWER: "0.05",
        SIMULATED_PROVIDER_ANSWER_LATE: "0.03",
        SIMULATED_PROVIDER_ANSWER_TWICE: "0.1",
      },
      onLost: (error) => lost.abort(error),
    });
    // All streams are there then.
    await untilHistoriesAreWhole(stack);
    await servers.takeRepetitions();
  });
  afterAll(async () => {
    await stack?.stop();
    await servers?.stop();
  });

  /** Runs one of the stack's commands as a user does. @returns what it printed; rejects where it exits with another code than 0 */
  async function commandOf(name: string, ...args: string[]): Promise<string> {
    const main = fileURLToPath(new URL(`../../packages/stack/src/${name}/main.ts`, import.meta.url));
    const env = { ...process.env, ...servers.env, NO_COLOR: "1", TRIBUTARY_DATA: stack.paths.dataDir };
    const running = promisify(execFile)(process.execPath, [main, ...args], { env });
    return (
      await running.catch((error: Error & { stdout: string }) => {
        throw new Error(`${name} ${args.join(" ")}: ${error.message}\n${error.stdout}`);
      })
    ).stdout;
  }

  it.skipIf(skip)(
    "orders outlive killed services and servers, a broker that is away, messages that come twice, and a provider that fails",
    async () => {
      console.log(`chaos over ${broker} with ${JSON.stringify(settings)}`);
      const random = createRandom(settings.seed + 1);
      const faults = startFaults({ stack, servers, random, awayMs: settings.awayMs });
      const load = await runLoad(stack, settings, lost.signal);
      console.log((await faults.end(settings.faults)).join(", "));
      const { messagesWithBroker } = servers;
      await comeToRest(stack, { messagesWithBroker, limitMs: settings.drainMs });
      const stored = await servers.messagesStored(stack);
      const again = await publishAgain(stack, 1);
      console.log(`at rest; all ${again} messages are published again`);
      await comeToRest(stack, { messagesWithBroker, limitMs: settings.drainMs });
      // None was dropped on the way to its consumers as a repetition.
      await expect
        .poll(async () => (await servers.messagesStored(stack)) - stored)
        .toBeGreaterThanOrEqual(again);

      const ids = load.placed.map(({ answer }) => (answer["order"] as { id: string }).id);
      const statuses = await rowsOf<{ status: string; count: number }>(
        stack,
        "order",
        `SELECT status, count(*)::int FROM orders WHERE id = ANY('{${ids.join(",")}}') GROUP BY status ORDER BY status`,
      );
      console.log(statuses.map(({ status, count }) => `${count} ${status}`).join(", "));
      // Nothing that was acknowledged is lost, nothing is there that nobody asked for.
      expect(statuses.reduce((sum, { count }) => sum + count, 0)).toBe(settings.orders);
      const buyers = load.buyers.map(({ id }) => id).join(",");
      const [own] = await rowsOf<{ count: number }>(
        stack,
        "order",
        `SELECT count(*)::int FROM orders WHERE customer_id = ANY('{${buyers}}')`,
      );
      expect(own?.count).toBe(settings.orders);

      expect(await findBreaches(stack.databases)).toEqual([]);
      expect(await findMessagingBreaches(stack)).toEqual([]);
      expect(await placeAgain(stack, load)).toEqual([]);
      await untilHistoriesAreWhole(stack, settings.drainMs);
      expect(await commandOf("replay", "history", "--check")).toContain("customers and entries are what");
      expect(await commandOf("replay", "order", "--check")).toContain("orders are what their events make.");
      expect(await commandOf("reconcile")).toMatch(/The contexts agree\.\n$/);
      lost.signal.throwIfAborted();
    },
    2 * settings.drainMs + settings.orders * 2_000,
  );
});

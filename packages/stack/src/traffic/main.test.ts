import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ seedCustomers: 10 });
});
afterAll(() => stack?.stop());

/** `npm run traffic -- ...` without npm. */
function traffic(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, NO_COLOR: "1", TRIBUTARY_DATA: stack.paths.dataDir, ...env },
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const code = new Promise<number | null>((done) => child.once("close", done));
  /** Settles when it has printed such a text, or has ended without. */
  const prints = (text: RegExp) =>
    Promise.race([
      code,
      new Promise<void>((done) => {
        child.stdout.on("data", () => text.test(said.out) && done());
      }),
    ]);
  return { child, said, code, prints };
}

/** The orders of traffic's newest customers by status, as the order context has them. */
async function ordersStored(customers: number): Promise<Record<string, number>> {
  const [customer, order] = [stack.databases.customer, stack.databases.order].map(
    (connectionString) => new pg.Client({ connectionString }),
  ) as [pg.Client, pg.Client];
  await Promise.all([customer.connect(), order.connect()]);
  try {
    const { rows } = await customer.query(
      "SELECT id FROM customers WHERE name LIKE 'Traffic customer %' ORDER BY created_at DESC LIMIT $1",
      [customers],
    );
    const counts = await order.query<{ status: string; count: number }>(
      "SELECT status::text, count(*)::int FROM orders WHERE customer_id = ANY ($1::uuid[]) GROUP BY 1",
      [rows.map(({ id }) => id as string)],
    );
    return Object.fromEntries(counts.rows.map(({ status, count }) => [status, count]));
  } finally {
    await Promise.all([customer.end(), order.end()]);
  }
}

const figure = (text: string, name: RegExp) => Number(name.exec(text)?.[1]?.replaceAll(",", "") ?? NaN);

test("every order that is due is placed and followed to its end, and the figures are the order context's", async () => {
  const mix = ["--cancel", "30%", "--over-limit", "20%", "--fulfil", "50%"];
  const { said, code } = traffic(["--rate", "20", "--for", "3s", "--seed", "7", "--customers", "5", ...mix]);
  expect({ code: await code, err: said.err }).toEqual({ code: 0, err: "" });
  expect(said.out).toContain("60 placed");
  expect(said.out).toContain("0 not sent, 0 not placed, 0 in flight");
  expect(said.out).toMatch(/errors +none/);
  expect(said.out).toContain("npm run reconcile");
  const stored = await ordersStored(5);
  for (const status of ["PENDING", "CONFIRMED", "FULFILLED", "REJECTED", "CANCELLED"])
    expect(figure(said.out, new RegExp(`\\b${status} ([\\d,]+)`)), status).toBe(stored[status] ?? 0);
  for (const status of ["FULFILLED", "REJECTED", "CANCELLED"]) expect(stored[status]).toBeGreaterThan(0);
  expect(figure(said.out, /([\d,]+) for credit/)).toBeGreaterThan(0);
  expect(figure(said.out, /confirmed.*after ([\d,]+) ms/)).toBeGreaterThan(0);
  expect(Math.max(...said.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("Ctrl-C ends it with a summary, also where it comes twice", async () => {
  const { child, said, code, prints } = traffic(["--customers", "2", "--rate", "5"]);
  await prints(/^ +\d+ s +[1-9]/m);
  child.kill("SIGINT");
  child.kill("SIGINT"); // npm passes on what the terminal sent already
  expect(await code).toBe(0);
  expect(said.out).toMatch(/\ntraffic +5 orders\/s until Ctrl-C, seed 1;/);
  expect(said.out).toContain("Next: npm run reconcile");
  expect(said.err).toBe("");
});

test("an order that is due while too many requests are under way is not sent, and is counted", async () => {
  const { said, code } = traffic(["--rate", "500", "--for", "1s", "--customers", "1", "--in-flight", "1"]);
  expect(await code).toBe(3);
  const [placed, notSent] = [figure(said.out, /([\d,]+) placed,/), figure(said.out, /([\d,]+) not sent/)];
  expect(notSent).toBeGreaterThan(0);
  expect(placed + notSent).toBe(500);
});

test.for([
  [["--rate", "0"], {}, "from 0.1 to 2000"],
  [["--rate", "fast"], {}, "from 0.1 to 2000"],
  [["--for", "60"], {}, "a time such as 90s"],
  [["--cancel", "5"], {}, "such as 5%"],
  [["--cancel", "101%"], {}, "such as 5%"],
  [["--cancel", "60%", "--over-limit", "50%"], {}, "more than 100%"],
  [["--seed", "-1"], {}, "a whole number"],
  [["--in-flight", "0"], {}, "a whole number"],
  [["everything"], {}, "too many arguments"],
  [["--data", "no-such-folder"], {}, "the stack is not running"],
] as const)("%j says what is wrong", async ([args, env, text]) => {
  const { said, code } = traffic(args, env);
  expect(await code).toBe(1);
  expect(said.err).toContain(text);
  expect(said.err).not.toContain("    at ");
});

import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

// A real process against an API that makes up as many orders as are asked for: each agrees with its parts.

const PAGE = 100;
let server: Server;
let url: string;
/** How many orders there are, payments and reservations. */
let count: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const { query, variables } = JSON.parse(body) as {
        query: string;
        variables: { after?: string | null };
      };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ data: dataFor(query, Number(variables.after ?? 0)) }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));

const money = (amountMinor: number) => ({ amountMinor, currency: "USD" });

function dataFor(query: string, from: number): object {
  if (query.includes("customerDeadLetters")) return { customer: [], order: [], payment: [] };
  const totalCount = count;
  if (!query.includes("page:"))
    return {
      ...{ orders: { totalCount }, payments: { totalCount }, creditReservations: { totalCount } },
      customers: { totalCount },
    };
  const [, list = ""] = /page: (\w+)\(/.exec(query) ?? [];
  const make = { orders: order, payments: payment, customers: someone }[list] ?? reservation;
  const end = Math.min(from + PAGE, count);
  const nodes = Array.from({ length: end - from }, (_, index) => make(from + index));
  return { page: { nodes, pageInfo: { hasNextPage: end < count, endCursor: String(end) } } };
}

const captured = (index: number) => ({
  id: `payment-${index}`,
  status: "CAPTURED",
  version: 3,
  amount: money(index),
  captured: money(index),
  refunded: money(0),
});
const customer = (index: number) => ({ id: `customer-${index % 977}` });
const order = (index: number) => ({
  id: `order-${index}`,
  status: "CONFIRMED",
  paymentTerms: "PREPAID",
  total: money(index + 1),
  version: 4,
  customer: customer(index),
  saga: { step: null, attempts: 0, deadline: null },
  creditReservation: { status: "HELD", version: 1, amount: money(index + 1), customer: customer(index) },
  payments: { totalCount: 1, nodes: [captured(index + 1)] },
  lines: [{ lineNumber: 1 }],
  historyEntry: {
    ...{ version: 4, status: "CONFIRMED", total: money(index + 1), lineCount: 1 },
    creditReservation: { version: 1, status: "HELD", amount: money(index + 1) },
    payments: [{ ...captured(index + 1), paymentId: `payment-${index + 1}` }],
  },
});
const someone = (index: number) => {
  const own = {
    version: 1,
    name: `Customer ${index}`,
    status: "ACTIVE",
    creditLimit: money(9),
    creditHeld: money(0),
  };
  return {
    ...{ id: `customer-${index}`, ...own, orders: { totalCount: 1 }, payments: { totalCount: 1 } },
    history: { ...own, orderCount: 1, paymentCount: 1 },
  };
};
const payment = (index: number) => ({
  ...captured(index + 1),
  order: { id: `order-${index}`, customer: customer(index) },
  customer: { ...customer(index), creditLimit: { currency: "USD" } },
  ledger: ["AUTHORISATION", "CAPTURE"].map((type, at) => ({
    sequence: at + 1,
    type,
    amount: money(index + 1),
  })),
});
const reservation = (index: number) => ({ order: { id: `order-${index}`, customer: customer(index) } });

/** Reconciles so many orders. @returns the most memory that the process held, in bytes */
async function peakOf(orders: number): Promise<number> {
  count = orders;
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const tellPeak =
    "data:text/javascript,process.on('exit',()=>console.log('peak '+process.resourceUsage().maxRSS))";
  const { stdout } = await promisify(execFile)(
    process.execPath,
    // Garbage that is not collected yet is no growth: with so small a heap it is collected early.
    ["--max-semi-space-size=1", "--max-old-space-size=40", "--import", tellPeak, main, "--url", url],
    { env: { ...process.env, NO_COLOR: "1", RECONCILE_TOKEN: "an administrator's" } },
  );
  expect(stdout).toContain(`${new Intl.NumberFormat("en-US").format(orders)} orders, `);
  expect(stdout).toContain("The contexts agree.");
  return Number(/peak (\d+)/.exec(stdout)?.[1]) * 1024;
}

test("the memory that reconciliation needs does not grow with the number of orders", async () => {
  const small = await peakOf(5_000);
  const large = await peakOf(100_000);
  // All of them in memory would be several times as much, or more than the heap that it is given.
  expect(large / small).toBeLessThan(1.3);
});

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONTEXTS } from "./contexts.ts";
import { ROOT } from "./data-dir.ts";
import { askFlagship } from "./flagship.ts";
import { PEOPLE } from "./people.ts";
import { startStack, type Stack, type StackEvent } from "./stack.ts";

let stack: Stack;
let dataDir: string;
const events: StackEvent[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "tributary stack "));
  stack = await startStack({ dataDir, seedCustomers: 20, onEvent: (event) => events.push(event) });
});
afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true });
});

async function ask(url: string, sql: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows as unknown[][];
  } finally {
    await client.end();
  }
}

/** `npm run -s token -- ...` without npm. */
async function tokenCommand(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = join(ROOT, "packages/stack/src/token.ts");
  const env = { ...process.env, TRIBUTARY_DATA: dataDir };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [script, ...args], { env })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

const troubles = () => events.flatMap((event) => (event.type === "trouble" ? [event.text] : []));
const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(50);
};

test("the flagship query has its answer: profile, orders and payments, from three services", async () => {
  const answer = await askFlagship(stack);
  expect(answer?.status).toBe(200);
  const body = answer?.body as { errors?: unknown; data: { customer: Record<string, { nodes: unknown[] }> } };
  expect(body.errors).toBeUndefined();
  expect(body.data.customer).toMatchObject({ id: stack.sampleCustomerId, number: "G-000001" });
  expect(body.data.customer["orders"]?.nodes).toHaveLength(5);
  expect(body.data.customer["payments"]?.nodes).toHaveLength(5);
});

describe("databases", () => {
  const databaseOf = (role: keyof Stack["databases"], database: string) => {
    const url = new URL(stack.databases[role]);
    url.pathname = `/${database}`;
    return url.href;
  };

  test.for(CONTEXTS)("%s's role connects to its own database, and to no other", async (context) => {
    expect(await ask(stack.databases[context], "SELECT current_database(), current_user")).toEqual([
      [context, context],
    ]);
    for (const other of [...CONTEXTS, "postgres", "template1"].filter((name) => name !== context)) {
      await expect(ask(databaseOf(context, other), "SELECT * FROM orders")).rejects.toThrow(
        `permission denied for database "${other}"`,
      );
    }
  });

  test("customer's role cannot read order's tables, nor from within its own database", async () => {
    await expect(ask(stack.databases.customer, "SELECT * FROM orders")).rejects.toThrow(/does not exist/);
    await expect(ask(stack.databases.customer, 'SELECT * FROM "order".public.orders')).rejects.toThrow(
      /cross-database references are not implemented/,
    );
    await expect(ask(stack.databases.customer, "CREATE EXTENSION dblink")).rejects.toThrow(
      /permission denied/,
    );
  });

  test("passwords and keys are for their owner alone", () => {
    const { paths } = stack;
    for (const file of [paths.passwords, paths.state, paths.issuerKey, paths.gatewayKey, paths.lock]) {
      expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(readFileSync(paths.issuerJwks, "utf8")).not.toContain('"d"');
    expect(readFileSync(paths.gatewayJwks, "utf8")).not.toContain('"d"');
  });
});

test("stack.json says where everything is", () => {
  expect(JSON.parse(readFileSync(stack.paths.state, "utf8"))).toEqual({
    pid: process.pid,
    gatewayUrl: stack.gatewayUrl,
    issuer: "tributary-local",
    audience: "tributary",
    localIssuer: true,
    subgraphs: Object.fromEntries(CONTEXTS.map((context) => [context, stack.subgraphs[context].url])),
    databases: stack.databases,
    sampleCustomerId: stack.sampleCustomerId,
  });
});

test("a subgraph that is asked without the gateway's token answers 401", async () => {
  for (const context of CONTEXTS) {
    const response = await fetch(`${stack.subgraphs[context].url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await stack.token("admin")}` },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    expect(response.status).toBe(401);
  }
});

describe("tokens", () => {
  test.for(PEOPLE)(
    "`token -- %s` prints one that the issuer's public key verifies, and nothing else",
    async (person) => {
      const { code, stdout, stderr } = await tokenCommand(person);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      const keys = createLocalJWKSet(
        JSON.parse(readFileSync(stack.paths.issuerJwks, "utf8")) as { keys: [] },
      );
      const { payload } = await jwtVerify(stdout.trim(), keys, {
        issuer: "tributary-local",
        audience: "tributary",
        algorithms: ["EdDSA"],
      });
      expect(payload["roles"]).toEqual([person]);
      expect(payload["customer_id"]).toBe(person === "customer" ? stack.sampleCustomerId : undefined);
      expect(payload.exp! - payload.iat!).toBe(12 * 3600);
    },
  );

  test("what each person may do", async () => {
    const scopes = await Promise.all(
      PEOPLE.map(async (person) => [person, decodeJwt(await stack.token(person))["scope"]]),
    );
    expect(Object.fromEntries(scopes)).toEqual({
      customer: "contact:read credit:read order:read payment:read order:write",
      support: "customer:any contact:read order:read payment:read customer:write order:write",
      finance: "customer:any credit:read order:read payment:read credit:write payment:refund",
      admin:
        "customer:any contact:read credit:read order:read payment:read customer:write credit:write payment:refund order:write order:fulfil order:repair message:redrive",
    });
  });

  test("another customer's, by id or by number, and for another time", async () => {
    const [[id]] = (await ask(
      stack.databases.customer,
      "SELECT id FROM customers WHERE number = 'G-000002'",
    )) as [[string]];
    for (const name of [id, "G-000002"]) {
      const { stdout } = await tokenCommand("customer", "--customer", name, "--ttl", "90s");
      const { sub, customer_id, iat, exp } = decodeJwt(stdout.trim());
      expect({ sub, customer_id, seconds: exp! - iat! }).toEqual({
        sub: `customer:${id}`,
        customer_id: id,
        seconds: 90,
      });
    }
  });

  test.for([
    [["customer", "--customer", "no-such"], "error: there is no customer no-such"],
    [["admin", "--customer", "G-000002"], "error: --customer is not for admin"],
    [["nobody"], "Allowed choices are customer, support, finance, admin"],
    [["admin", "--ttl", "soon"], "It must be a time such as"],
    [
      ["admin", "--data", "/nowhere"],
      "error: the stack is not running: start it in another terminal with npm start",
    ],
  ] as const)("%j is refused on stderr", async ([args, message]) => {
    const { code, stdout, stderr } = await tokenCommand(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("what dies", () => {
  test("a child that is killed is reported, and comes back where it was", async () => {
    const { payment } = stack.subgraphs;
    const { pid, url } = payment;
    process.kill(pid, "SIGKILL");
    await until(() => troubles().includes("payment runs again"));
    expect(troubles().join("\n")).toMatch(/payment ended \(SIGKILL\); its last lines:\n {2}\{/);
    expect(payment.pid).not.toBe(pid);
    expect(payment.url).toBe(url);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  test("a child that is stopped stays so until it is started again, and costs its fields alone", async () => {
    const { order } = stack.subgraphs;
    const query = `{ customer(id: "${stack.sampleCustomerId}") { number orders { totalCount } payments { totalCount } } }`;
    const send = async () => {
      const response = await fetch(`${stack.gatewayUrl}/graphql`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${await stack.token("customer")}`,
        },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as { data: { customer: { orders: unknown; payments: unknown } } };
    };
    await order.stop();
    const down = await send();
    expect(down.data.customer).toMatchObject({
      number: "G-000001",
      orders: null,
      payments: expect.anything() as object,
    });
    await order.restart();
    expect((await send()).data.customer.orders).not.toBeNull();
    await until(() => order.logs().some((line) => line.includes('"msg":"request"')));
  });
});

test("a second stack in the same folder is refused, with the address of the first", async () => {
  await expect(startStack({ dataDir })).rejects.toThrow(
    `the stack already runs: ${stack.gatewayUrl} (process`,
  );
  expect((await fetch(`${stack.gatewayUrl}/health/ready`)).status).toBe(200);
});

test("stopped, it leaves no process and no stack.json; started again, it has what it had", async () => {
  const before = await ask(stack.databases.order, "SELECT count(*)::int FROM orders");
  const pids = [stack.gateway!.pid, ...CONTEXTS.map((context) => stack.subgraphs[context].pid)];
  await stack.stop();
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect([stack.paths.state, stack.paths.lock].filter((file) => existsSync(file))).toEqual([]);

  events.length = 0;
  stack = await startStack({ dataDir, onEvent: (event) => events.push(event) });
  expect(events).toContainEqual({ type: "seeded", result: null });
  expect(await ask(stack.databases.order, "SELECT count(*)::int FROM orders")).toEqual(before);
});

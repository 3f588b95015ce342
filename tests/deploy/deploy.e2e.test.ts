import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { generatedId, SAMPLE_CUSTOMER } from "@tributary/datasets";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { askApi } from "../support/api.ts";
import { Deployment, findCompose } from "./compose.ts";

// Builds every image, which takes minutes: DEPLOY_IMAGES=pulled, or =stand-ins where none can be pulled and
// make-stand-ins.sh was run.
const images = process.env["DEPLOY_IMAGES"];
const compose = images === "pulled" || images === "stand-ins" ? findCompose() : null;
const leftOut =
  compose === null ? " (left out: needs Docker, compose, and DEPLOY_IMAGES=pulled or stand-ins)" : "";
const services = ["customer", "order", "payment", "history", "gateway", "database"];
const limit = 30 * 60_000;

const id = generatedId("customers", SAMPLE_CUSTOMER);
const operation = (name: string) =>
  readFileSync(path.resolve(import.meta.dirname, `../../schema/operations/${name}.graphql`), "utf8");
const query = operation("customer-with-payment-history");

/** More than the sample customer has, with those that tests place before or after. */
const MOST_ORDERS = 60;

interface Answer {
  data: { customer: Record<string, any> | null } | null; // eslint-disable-line typescript/no-explicit-any -- an answer's shape is the query's
  errors?: { path?: (string | number)[]; extensions: { code: string } }[];
}

describe.skipIf(compose === null)(`the deployed system${leftOut}`, () => {
  let deployment: Deployment;
  let url: string;

  async function ask(token: string): Promise<Answer> {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { id, orders: MOST_ORDERS, payments: 5 } }),
    });
    return (await response.json()) as Answer;
  }

  /** Places orders as the sample customer until one is not declined. @returns its status, once that is in the history */
  async function placeOrder(): Promise<string> {
    const token = await deployment.token("customer");
    const send = async (name: string, variables: Record<string, unknown>) => {
      const { data, errors } = await askApi(url, token, { query: operation(name), variables });
      expect(errors).toEqual([]);
      return data;
    };
    for (;;) {
      const input = { lines: [{ productCode: "P-0001", quantity: 1 }], idempotencyKey: randomUUID() };
      const { order } = (await send("place-order", { input })).placeOrder;
      expect(order.status).toBe("PENDING");
      const status = await vi.waitFor(
        async () => {
          const seen = (await send("order-progress", { id: order.id })).order.status as string;
          expect(["CONFIRMED", "REJECTED"]).toContain(seen);
          return seen;
        },
        { timeout: 60_000, interval: 200 },
      );
      if (status === "REJECTED") continue; // one in fifty is declined
      await vi.waitFor(
        async () => {
          const { customer } = await send("customer-history", { id });
          expect(customer.history.entries.nodes[0].order).toMatchObject({ orderId: order.id, status });
        },
        { timeout: 60_000, interval: 200 },
      );
      return status;
    }
  }

  const becomesHealthy = (service: string) =>
    vi.waitFor(async () => expect(await deployment.health(service)).toBe("healthy"), {
      timeout: 120_000,
      interval: 1000,
    });

  beforeAll(async () => {
    deployment = new Deployment(compose!, images as "pulled" | "stand-ins");
    await deployment.compose(["up", "--detach", "--build"]);
    await becomesHealthy("gateway");
    url = await deployment.gatewayUrl();
  }, limit);

  afterAll(async () => {
    await deployment?.remove();
  }, limit);

  test("answers the flagship query from three services and their databases", async () => {
    const { data, errors } = await ask(await deployment.token("customer"));
    expect(errors).toBeUndefined();
    const { number, creditLimit, orders, orderSummary, payments, paymentSummary } = data!.customer!;
    expect(number).toBe("G-000001");
    expect(creditLimit.amountMinor).toBeGreaterThan(0);
    expect(orders.nodes).toHaveLength(orderSummary.orderCount);
    expect(orders.totalCount).toBe(orderSummary.orderCount);
    const calledOff = new Set(["REJECTED", "REJECTING", "CANCELLED", "CANCELLING"]);
    const ordered = orders.nodes
      .filter((order: { status: string }) => !calledOff.has(order.status))
      .reduce((sum: number, order: { total: { amountMinor: number } }) => sum + order.total.amountMinor, 0);
    expect(ordered).toBe(orderSummary.ordered.amountMinor);
    const paidOrders = orders.nodes.filter(
      (order: { payments: { nodes: unknown[] } }) => order.payments.nodes.length > 0,
    );
    expect(paidOrders.length).toBeGreaterThan(0);
    expect(payments.nodes).toHaveLength(5);
    expect(payments.totalCount).toBe(paymentSummary.paymentCount);
    expect(
      payments.nodes.some((payment: { order: { number: string } | null }) => payment.order !== null),
    ).toBe(true);
  });

  test(
    "confirms an order, and shows it in the customer's history",
    async () => {
      expect(await placeOrder()).toBe("CONFIRMED");
    },
    limit,
  );

  test(
    "confirms an order over NATS, with the history in Redis",
    async () => {
      const profiles = ["--profile", "nats", "--profile", "redis"];
      await deployment.compose([...profiles, "up", "--detach"], {
        BROKER_URL: "nats://nats:4222",
        HISTORY_STORE: "redis",
        HISTORY_REDIS_URL: "redis://redis:6379/0",
      });
      await Promise.all(services.map(becomesHealthy));
      url = await deployment.gatewayUrl();
      expect(await placeOrder()).toBe("CONFIRMED");
      await deployment.compose(["up", "--detach"]);
      await deployment.compose([...profiles, "rm", "--stop", "--force", "nats", "redis"]);
      await Promise.all(services.map(becomesHealthy));
      url = await deployment.gatewayUrl();
    },
    limit,
  );

  test("shows a support agent no credit limit, and another customer nothing", async () => {
    const support = await ask(await deployment.token("support"));
    expect(support.data?.customer).toMatchObject({ number: "G-000001", creditLimit: null });
    expect(
      support.errors?.map(({ path: at, extensions }) => `${at?.join(".")} ${extensions.code}`),
    ).toContain("customer.creditLimit UNAUTHORIZED_FIELD_OR_TYPE");
    const other = await ask(await deployment.token("customer", "--customer", generatedId("customers", 2)));
    expect(other.data).toEqual({ customer: null });
  });

  test("takes no token of somebody else's making", async () => {
    const [header, payload] = (await deployment.token("admin")).split(".");
    const { errors } = await ask(`${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`);
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });

  test(
    "loses one service's fields and no more while that is stopped",
    async () => {
      const token = await deployment.token("customer");
      await deployment.compose(["stop", "payment"]);
      try {
        const { data, errors } = await ask(token);
        expect(data?.customer).toMatchObject({ number: "G-000001", payments: null, paymentSummary: null });
        expect(data?.customer?.["orders"].nodes).toHaveLength(40);
        expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(
          new Set(["SUBGRAPH_UNAVAILABLE"]),
        );
      } finally {
        await deployment.compose(["start", "payment"]);
        await becomesHealthy("payment");
      }
      expect((await ask(token)).errors).toBeUndefined();
    },
    limit,
  );

  test(
    "keeps its data and its secrets when it is taken down and started again",
    async () => {
      const token = await deployment.token("finance");
      const before = await ask(token);
      await deployment.compose(["down"]);
      await deployment.compose(["up", "--detach"]);
      await becomesHealthy("gateway");
      url = await deployment.gatewayUrl();
      expect(await ask(token)).toEqual(before);
      expect(before.data?.customer?.["paymentSummary"].paymentCount).toBeGreaterThan(0);
    },
    limit,
  );

  test.each(services)(
    "runs %s without root, capabilities, or a root file system to write to",
    async (service) => {
      const container = await deployment.container(service);
      const status = await deployment.docker("exec", container, "cat", "/proc/1/status");
      expect(status).toMatch(/^Uid:\s+[1-9]\d*\s/m);
      expect(status).toMatch(/^CapEff:\s+0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      await expect(deployment.docker("exec", container, "touch", "/file")).rejects.toThrow(
        /Read-only file system/,
      );
    },
  );

  test.each(["customer", "order", "payment", "history"])(
    "lets the role of %s into its own database alone",
    async (context) => {
      const own = await deployment.evaluate(
        context,
        `import { readFileSync } from "node:fs";
       import pg from "/app/node_modules/pg/esm/index.mjs";
       const url = new URL(readFileSync("/run/tributary/${context}/database-url", "utf8"));
       for (const database of ["customer", "order", "payment", "history", "postgres"]) {
         url.pathname = database;
         const client = new pg.Client({ connectionString: url.href });
         await client.connect().then(() => console.log(database), (error) => { if (error.code !== "42501") throw error });
         await client.end();
       }`,
      );
      expect(own.split("\n")).toEqual([context]);
    },
  );

  test("gives each container its own secrets, and writes none into its settings or its image", async () => {
    const found: Record<string, string[]> = {};
    for (const service of services) {
      const container = await deployment.container(service);
      const files = await deployment.docker("exec", container, "find", "/run/tributary", "-type", "f");
      found[service] = files
        .split("\n")
        .map((file) => file.replace("/run/tributary/", ""))
        .sort();
      const image = await deployment.docker("inspect", "--format", "{{.Image}}", container);
      for (const subject of [container, image]) {
        expect(await deployment.docker("inspect", subject)).not.toMatch(
          /postgres(ql)?:\/\/[^"]*:[^"]*@|"d":|PASSWORD=/,
        );
      }
    }
    const publicKeys = ["public/gateway.jwks.json", "public/issuer.jwks.json"];
    expect(found).toEqual({
      customer: ["broker/broker-url", "customer/database-url", ...publicKeys],
      order: ["broker/broker-url", "order/database-url", ...publicKeys],
      payment: ["broker/broker-url", "payment/database-url", ...publicKeys],
      history: ["broker/broker-url", "history/database-url", ...publicKeys],
      gateway: ["gateway/identity.jwk.json", ...publicKeys],
      database: ["database/superuser-password"],
    });
  });

  test("keeps the gateway from the database, and the services from the world", async () => {
    const reach = (host: string, port: number) =>
      `import { connect } from "node:net";
       connect({ host: ${JSON.stringify(host)}, port: ${port}, timeout: 3000 })
         .on("connect", () => { console.log("reached"); process.exit() })
         .on("timeout", () => { console.log("not reached"); process.exit() })
         .on("error", () => console.log("not reached"));`;
    expect(await deployment.evaluate("order", reach("database", 5432))).toBe("reached");
    const address = await deployment.docker(
      "inspect",
      "--format",
      "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      await deployment.container("database"),
    );
    expect(await deployment.evaluate("gateway", reach(address, 5432))).toBe("not reached");
    // No more than Docker's word for it: the machine that tests may have no way out itself.
    for (const [network, internal] of Object.entries({ data: "true", graph: "true", edge: "false" })) {
      expect(await deployment.network(network, "{{.Internal}}")).toBe(internal);
    }
  });

  test("does not start in production with the trial's issuer", async () => {
    await expect(
      deployment.compose(["run", "--rm", "-T", "secrets"], { NODE_ENV: "production" }),
    ).rejects.toThrow(/NODE_ENV: is production/);
    await expect(
      deployment.compose(["run", "--rm", "-T", "--no-deps", "token", "admin"], { NODE_ENV: "production" }),
    ).rejects.toThrow(/identity provider/);
  });
});

import { randomBytes } from "node:crypto";
import { provisionDatabases, startTemporaryPostgres, type PostgresServer } from "@tributary/postgres";
import { startStack, type Stack } from "@tributary/stack";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { askApi } from "../support/api.ts";
import { untilHistoriesAreWhole } from "../support/history.ts";

const contexts = ["customer", "order", "payment"] as const;

/** Customers, each with 10 orders and their payments, and with 10 payments and their orders. */
const query = /* GraphQL */ `
  query FanOut($customers: Int!) {
    customers(first: $customers) {
      nodes {
        name
        creditHeld {
          amountMinor
        }
        orders(first: 10) {
          totalCount
          nodes {
            number
            lines {
              productCode
            }
            history {
              type
            }
            payments(first: 10) {
              nodes {
                status
              }
            }
          }
        }
        orderSummary {
          orderCount
        }
        payments(first: 10) {
          totalCount
          nodes {
            status
            ledger {
              type
            }
            order {
              number
            }
          }
        }
        paymentSummary {
          lastPayment {
            id
          }
        }
      }
    }
  }
`;

let server: PostgresServer;
let admin: pg.Client;
let environment: Record<string, string>;
let stack: Stack;

beforeAll(async () => {
  // PostgreSQL counts for itself what it is sent: no service's word is taken for it.
  server = await startTemporaryPostgres({ settings: { shared_preload_libraries: "pg_stat_statements" } });
  const databases = contexts.map((name) => ({
    database: name,
    role: name,
    password: randomBytes(18).toString("hex"),
  }));
  await provisionDatabases(server.adminUrl(), databases);
  environment = Object.fromEntries(
    databases.map(({ database, password }) => {
      const url = new URL(server.adminUrl(database));
      url.username = database;
      url.password = password;
      return [`${database.toUpperCase()}_DATABASE_URL`, url.href];
    }),
  );
  admin = new pg.Client({ connectionString: server.adminUrl() });
  await admin.connect();
  await admin.query("CREATE EXTENSION pg_stat_statements");
  stack = await startStack({ seedCustomers: 60, env: environment });
  // What the histories are made from is read by statements, too.
  await untilHistoriesAreWhole(stack);
});

afterAll(async () => {
  await stack?.stop();
  await admin?.end();
  await server?.stop();
});

/** What services send all the time, for messages, sagas and their health, whether or not anybody asks them something. */
const background =
  "outbox_messages|inbox_messages|dead_letters|order_sagas|provider_calls|pg_|^(BEGIN|COMMIT|ROLLBACK|LISTEN)|^SELECT \\$1$";

/** How many statements each database is sent for the query; the data must come too. */
async function statementsFor(of: Stack, customers: number): Promise<Record<string, number>> {
  const token = await of.token("admin");
  const ask = () => askApi(of.gatewayUrl, token, { query, variables: { customers } });
  // The first time, connections are opened and the operation is planned.
  await ask();
  await admin.query("SELECT pg_stat_statements_reset()");
  const { data, errors } = await ask();
  expect(errors).toEqual([]);
  expect(data.customers.nodes).toHaveLength(customers);
  const { rows } = await admin.query<{ name: string; calls: number }>(
    `SELECT usename AS name, sum(calls)::int AS calls
       FROM pg_stat_statements JOIN pg_user ON usesysid = userid WHERE usename = ANY($1) AND query !~ $2
      GROUP BY usename`,
    [contexts, background],
  );
  return Object.fromEntries(rows.map(({ name, calls }) => [name, calls]));
}

it("sends no more statements for 50 customers than for 5", async () => {
  const few = await statementsFor(stack, 5);
  const many = await statementsFor(stack, 50);
  console.log(`statements for 50 customers, with loaders: ${JSON.stringify(many)}`);
  expect(many).toEqual(few);
  expect(Object.keys(many).toSorted()).toEqual(contexts.toSorted());
  for (const context of contexts) expect(many[context]).toBeLessThan(10);
});

it("logs as many statements as the databases were sent", async () => {
  const token = await stack.token("admin");
  const logged = (context: (typeof contexts)[number]) =>
    stack.subgraphs[context]
      .logs()
      .map((line) => JSON.parse(line) as { msg?: string; operation?: string; sqlStatements?: number })
      .filter(({ msg, operation }) => msg === "request" && operation?.startsWith("Logged"))
      .reduce((sum, { sqlStatements = 0 }) => sum + sqlStatements, 0);
  const counted = await statementsFor(stack, 7);
  // By a name of its own: lines of the requests before it may still be on their way.
  const named = query.replace("query FanOut", "query Logged");
  await askApi(stack.gatewayUrl, token, { query: named, variables: { customers: 7 } });
  await expect
    .poll(() => Object.fromEntries(contexts.map((context) => [context, logged(context)])))
    .toEqual(counted);
});

it("sends a statement for each key where loaders are off, so that the count above can grow", async () => {
  const without = await startStack({ seedCustomers: false, env: { ...environment, BATCHING: "off" } });
  try {
    const few = await statementsFor(without, 5);
    const many = await statementsFor(without, 50);
    console.log(`statements for 50 customers, without loaders: ${JSON.stringify(many)}`);
    for (const context of contexts) expect(many[context]).toBeGreaterThan(few[context]! * 2);
  } finally {
    await without.stop();
  }
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  people,
  startContextDatabase,
  startTestSubgraph,
  type ContextDatabase,
  type TestSubgraph,
} from "@tributary/subgraph-testing";
import { insertCustomers, makeCustomer, type TestCustomer } from "./customers.fixture.ts";

let database: ContextDatabase;
let subgraph: TestSubgraph;

beforeAll(async () => {
  database = await startContextDatabase("customer");
  subgraph = await startTestSubgraph("customer", { databaseUrl: database.url });
});

afterAll(async () => {
  await subgraph?.stop();
  await database?.stop();
});

type Who = Parameters<TestSubgraph["ask"]>[0];

const answer = `
  __typename
  ... on MutationFailure { message }
  ... on CustomerChanged { customer {
    id number name contactName phone email status suspensionReason version createdAt updatedAt
    address { line1 line2 city region postalCode country }
    creditLimit { amountMinor currency }
  } }
  ... on InvalidInput { faults { path message } }
  ... on IdempotencyKeyReused { idempotencyKey }`;
const refusals = `
  ... on StaleVersion { expectedVersion actualVersion }
  ... on NotFound { id }
  ... on IllegalState { state }`;
const documents = {
  registerCustomer: `mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { ${answer} } }`,
  changeCreditLimit: `mutation ($input: ChangeCreditLimitInput!) {
    changeCreditLimit(input: $input) { ${answer} ${refusals} ... on CurrencyMismatch { expected actual } } }`,
  suspendCustomer: `mutation ($input: SuspendCustomerInput!) { suspendCustomer(input: $input) { ${answer} ${refusals} } }`,
  reinstateCustomer: `mutation ($input: ReinstateCustomerInput!) {
    reinstateCustomer(input: $input) { ${answer} ${refusals} } }`,
};
type Mutation = keyof typeof documents;

/** Sends a mutation under a key of its own, unless the input has one. */
async function send(mutation: Mutation, input: object, who: Who = people.admin) {
  const { data, errors } = await subgraph.ask(who, documents[mutation], {
    input: { idempotencyKey: randomUUID(), ...input },
  });
  expect(errors).toEqual([]);
  return data[mutation];
}

async function addCustomer(changes: Partial<TestCustomer> = {}): Promise<TestCustomer> {
  const customer = makeCustomer(changes);
  await insertCustomers(database, [customer]);
  return customer;
}

const rowOf = async (id: string) => (await database.query("SELECT * FROM customers WHERE id = $1", [id]))[0]!;
const rowsNamed = (name: string) => database.query("SELECT id FROM customers WHERE name = $1", [name]);
const usd = (amountMinor: number) => ({ amountMinor, currency: "USD" });

describe("registering a customer", () => {
  test("makes one who is ACTIVE, with what was sent, trimmed", async () => {
    const sent = {
      name: "  New Kettle ",
      contactName: "The Buyer",
      phone: " ",
      email: "buyer@example.com",
      address: {
        line1: "1 High Street",
        line2: "",
        city: "Lyon",
        region: null,
        postalCode: "69001",
        country: "France",
      },
      creditLimit: { amountMinor: Number.MAX_SAFE_INTEGER, currency: "usd" },
    };
    const { customer } = await send("registerCustomer", sent, people.admin);
    expect(customer).toMatchObject({
      name: "New Kettle",
      contactName: "The Buyer",
      phone: null,
      email: "buyer@example.com",
      address: { ...sent.address, line2: null },
      creditLimit: { amountMinor: 9_007_199_254_740_991, currency: "USD" },
      status: "ACTIVE",
      suspensionReason: null,
      version: 1,
    });
    expect(customer.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(await rowOf(customer.id)).toMatchObject({
      name: "New Kettle",
      credit_limit_minor: "9007199254740991",
      created_at: new Date(customer.createdAt),
    });
  });

  test("numbers are given in turn, from C-1001", async () => {
    const minimal = { name: "Numbered", creditLimit: usd(0) };
    const first = await send("registerCustomer", minimal);
    const second = await send("registerCustomer", minimal);
    const [a, b] = [first, second].map(({ customer }) => Number(/^C-(\d+)$/.exec(customer.number)?.[1]));
    expect(a).toBeGreaterThanOrEqual(1001);
    expect(b).toBe(a! + 1);
    expect(first.customer).toMatchObject({ address: null, email: null, contactName: null });
  });

  test("every fault is listed at once, and nothing is made", async () => {
    const result = await send("registerCustomer", {
      name: " ",
      contactName: "x".repeat(201),
      phone: "1\0",
      email: "nobody at all",
      address: { line1: "", city: "y".repeat(101), postalCode: "\ud800", country: "\t" },
      creditLimit: usd(-1),
      idempotencyKey: "",
    });
    expect(result.__typename).toBe("InvalidInput");
    expect(result.message).toBe("The input has 10 faults.");
    expect(result.faults.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      "address.city",
      "address.country",
      "address.line1",
      "address.postalCode",
      "contactName",
      "creditLimit.amountMinor",
      "email",
      "idempotencyKey",
      "name",
      "phone",
    ]);
    expect(await rowsNamed("")).toEqual([]);
  });
});

describe("changing a credit limit", () => {
  test("sets the limit and bumps the version", async () => {
    const { id } = await addCustomer({ status: "SUSPENDED" });
    const result = await send(
      "changeCreditLimit",
      { customerId: id.toUpperCase(), creditLimit: usd(5), expectedVersion: 1 },
      { ...people.finance, scopes: new Set([...people.finance.scopes, "contact:read"]) },
    );
    expect(result).toMatchObject({ customer: { creditLimit: usd(5), version: 2, status: "SUSPENDED" } });
    const row = await rowOf(id);
    expect(row).toMatchObject({ credit_limit_minor: "5", version: 2 });
    expect(row["updated_at"]).toEqual(new Date(result.customer.updatedAt));
    expect(result.customer.updatedAt > result.customer.createdAt).toBe(true);
  });

  test("into another currency is refused", async () => {
    const { id } = await addCustomer();
    const creditLimit = { amountMinor: 5, currency: "EUR" };
    expect(await send("changeCreditLimit", { customerId: id, creditLimit, expectedVersion: 1 })).toEqual({
      __typename: "CurrencyMismatch",
      message: "The amount must be in USD, not in EUR.",
      expected: "USD",
      actual: "EUR",
    });
    expect(await rowOf(id)).toMatchObject({ version: 1, currency: "USD", credit_limit_minor: "100000" });
  });

  test("of somebody who is CLOSED is refused", async () => {
    const { id } = await addCustomer({ status: "CLOSED" });
    expect(
      await send("changeCreditLimit", { customerId: id, creditLimit: usd(5), expectedVersion: 1 }),
    ).toEqual({
      __typename: "IllegalState",
      message: "A customer who is CLOSED cannot have their credit limit changed.",
      state: "CLOSED",
    });
  });
});

describe("suspending and reinstating", () => {
  test("there and back", async () => {
    const { id: customerId } = await addCustomer();
    const suspended = await send("suspendCustomer", { customerId, reason: " late ", expectedVersion: 1 });
    expect(suspended.customer).toMatchObject({ status: "SUSPENDED", suspensionReason: "late", version: 2 });
    const reinstated = await send("reinstateCustomer", { customerId, expectedVersion: 2 });
    expect(reinstated.customer).toMatchObject({ status: "ACTIVE", suspensionReason: null, version: 3 });
    expect(await rowOf(customerId)).toMatchObject({ status: "ACTIVE", suspension_reason: null, version: 3 });
  });

  test.each([
    ["suspendCustomer", "SUSPENDED"],
    ["suspendCustomer", "CLOSED"],
    ["reinstateCustomer", "ACTIVE"],
    ["reinstateCustomer", "CLOSED"],
  ] as const)("%s of somebody who is %s is refused", async (mutation, status) => {
    const { id: customerId } = await addCustomer({ status });
    const reason = mutation === "suspendCustomer" ? { reason: "late" } : {};
    expect(await send(mutation, { customerId, expectedVersion: 1, ...reason })).toMatchObject({
      __typename: "IllegalState",
      state: status,
    });
    expect(await rowOf(customerId)).toMatchObject({ status, version: 1 });
  });

  test("every fault is listed at once", async () => {
    const result = await send("suspendCustomer", {
      customerId: "x",
      reason: "",
      expectedVersion: 0,
      idempotencyKey: "k".repeat(256),
    });
    expect(result.faults).toEqual([
      { path: "expectedVersion", message: "must be at least 1" },
      { path: "idempotencyKey", message: "must be 1 to 255 characters" },
      { path: "reason", message: "must not be blank" },
    ]);
  });
});

describe("versions", () => {
  test("a stale one loses, and is told which is current", async () => {
    const { id: customerId } = await addCustomer({ version: 7 });
    expect(await send("reinstateCustomer", { customerId, expectedVersion: 6 })).toEqual({
      __typename: "StaleVersion",
      message: "The record has changed since version 6: it is at version 7 now.",
      expectedVersion: 6,
      actualVersion: 7,
    });
  });

  test("of changes made at once from one version, one wins", async () => {
    const { id: customerId } = await addCustomer();
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, amountMinor) =>
        send("changeCreditLimit", { customerId, creditLimit: usd(amountMinor), expectedVersion: 1 }),
      ),
    );
    const winners = results.filter(({ __typename }) => __typename === "CustomerChanged");
    const losers = results.filter(({ __typename }) => __typename === "StaleVersion");
    expect([winners.length, losers.length]).toEqual([1, 7]);
    for (const loser of losers) expect(loser).toMatchObject({ expectedVersion: 1, actualVersion: 2 });
    const row = await rowOf(customerId);
    expect(row["credit_limit_minor"]).toBe(String(winners[0].customer.creditLimit.amountMinor));
    expect(row["version"]).toBe(2);
  });
});

describe("idempotency keys", () => {
  test("the same key and input give the first answer again, also when the customer has changed since", async () => {
    const { id: customerId } = await addCustomer();
    const suspension = { customerId, reason: "late", expectedVersion: 1, idempotencyKey: "again" };
    const first = await send("suspendCustomer", suspension);
    await send("reinstateCustomer", { customerId, expectedVersion: 2 });
    expect(first.customer).toMatchObject({ status: "SUSPENDED", version: 2 });
    expect(await send("suspendCustomer", suspension)).toEqual(first);
    expect(await rowOf(customerId)).toMatchObject({ status: "ACTIVE", version: 3 });
  });

  test("a refusal is given again as well", async () => {
    const { id: customerId } = await addCustomer({ version: 2 });
    const change = { customerId, expectedVersion: 3, creditLimit: usd(1), idempotencyKey: "refused" };
    const first = await send("changeCreditLimit", change);
    expect(first.__typename).toBe("StaleVersion");
    await database.query("UPDATE customers SET version = 3 WHERE id = $1", [customerId]);
    expect(await send("changeCreditLimit", change)).toEqual(first);
  });

  test("a key that was used with another input is refused", async () => {
    const input = { name: "Reused", creditLimit: usd(1), idempotencyKey: "reused" };
    await send("registerCustomer", input);
    expect(await send("registerCustomer", { ...input, creditLimit: usd(2) })).toEqual({
      __typename: "IdempotencyKeyReused",
      message: "This idempotency key was used before with another input. Use a new key for a new change.",
      idempotencyKey: "reused",
    });
    expect(await rowsNamed("Reused")).toHaveLength(1);
  });

  test("what is left out and what is null is the same input", async () => {
    const input = { name: "Left Out", creditLimit: usd(1), idempotencyKey: "left-out" };
    const first = await send("registerCustomer", input);
    expect(await send("registerCustomer", { ...input, email: null, phone: " " })).toEqual(first);
  });

  test("keys of two callers and of two mutations do not meet", async () => {
    const input = { name: "Two Callers", creditLimit: usd(1), idempotencyKey: "shared" };
    await send("registerCustomer", input, people.admin);
    await send("registerCustomer", input, { ...people.admin, subject: "user:another" });
    expect(await rowsNamed("Two Callers")).toHaveLength(2);

    const { id: customerId } = await addCustomer();
    const same = { customerId, expectedVersion: 1, idempotencyKey: "shared" };
    const limit = { ...same, creditLimit: usd(1) };
    expect(await send("changeCreditLimit", limit)).toMatchObject({ __typename: "CustomerChanged" });
    const other = { ...people.admin, subject: "user:another" };
    expect(await send("changeCreditLimit", limit, other)).toMatchObject({ __typename: "StaleVersion" });
    expect(await send("reinstateCustomer", same)).toMatchObject({ __typename: "StaleVersion" });
    expect(await send("reinstateCustomer", same, other)).toMatchObject({ __typename: "StaleVersion" });
    expect(await send("suspendCustomer", { ...same, reason: "x" })).toMatchObject({
      __typename: "StaleVersion",
    });
  });

  test("the same key sent many times at once has one effect and one answer", async () => {
    const input = { name: "At Once", creditLimit: usd(1), idempotencyKey: "at-once" };
    const results = await Promise.all(Array.from({ length: 10 }, () => send("registerCustomer", input)));
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    expect(results[0].__typename).toBe("CustomerChanged");
    expect(await rowsNamed("At Once")).toHaveLength(1);
  });
});

describe("who may change", () => {
  test.each([randomUUID(), "no id at all", ""])(
    "a customer %j who is none is not found",
    async (customerId) => {
      expect(await send("reinstateCustomer", { customerId, expectedVersion: 1 })).toEqual({
        __typename: "NotFound",
        message: "There is no such record.",
        id: customerId,
      });
    },
  );

  test("a customer whom the caller may not see is not found", async () => {
    const { id: customerId } = await addCustomer();
    const blind = { ...people.support, scopes: new Set(["customer:write"]) };
    expect(
      await send("suspendCustomer", { customerId, reason: "x", expectedVersion: 1 }, blind),
    ).toMatchObject({
      __typename: "NotFound",
    });
    expect(await rowOf(customerId)).toMatchObject({ status: "ACTIVE" });
  });

  const allowed: Record<Mutation, readonly string[]> = {
    registerCustomer: ["support", "admin"],
    changeCreditLimit: ["finance", "admin"],
    suspendCustomer: ["support", "admin"],
    reinstateCustomer: ["support", "admin"],
  };
  const inputs: Record<Mutation, (customerId: string) => object> = {
    registerCustomer: () => ({ name: "Allowed", creditLimit: usd(1) }),
    changeCreditLimit: (customerId) => ({ customerId, creditLimit: usd(1), expectedVersion: 1 }),
    suspendCustomer: (customerId) => ({ customerId, reason: "late", expectedVersion: 1 }),
    reinstateCustomer: (customerId) => ({ customerId, expectedVersion: 1 }),
  };

  const cases = Object.keys(documents).flatMap((mutation) =>
    ["customer", "support", "finance", "admin", "anonymous"].map((role) => ({
      mutation: mutation as Mutation,
      role: role as keyof typeof people,
    })),
  );

  test.each(cases)("$mutation by $role", async ({ mutation, role }) => {
    const { id } = await addCustomer({ status: mutation === "reinstateCustomer" ? "SUSPENDED" : "ACTIVE" });
    const who = role === "customer" ? people.customer(id) : people[role];
    const { data, errors } = await subgraph.ask(
      who,
      documents[mutation].replaceAll(/\{ customer \{[^]*?\} \}\n/g, "{ customer { id } }\n"),
      { input: { ...inputs[mutation](id), idempotencyKey: randomUUID() } },
    );
    if (allowed[mutation].includes(role)) {
      expect(data[mutation].__typename).toBe("CustomerChanged");
    } else {
      expect(data[mutation]).toBeNull();
      expect(errors).toMatchObject([{ path: [mutation], extensions: { code: "FORBIDDEN" } }]);
      if (mutation !== "registerCustomer") expect(await rowOf(id)).toMatchObject({ version: 1 });
    }
  });

  test("a token with the scope and without a subject changes nothing", async () => {
    const { data, errors } = await subgraph.ask(
      { ...people.admin, subject: null },
      documents.registerCustomer,
      {
        input: { name: "Nobody's", creditLimit: usd(1), idempotencyKey: randomUUID() },
      },
    );
    expect(data.registerCustomer).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect(await rowsNamed("Nobody's")).toEqual([]);
  });
});

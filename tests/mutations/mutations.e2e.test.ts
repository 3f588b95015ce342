import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { startStack, type Stack } from "@tributary/stack";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askApi } from "../support/api.ts";

const textOf = (operation: string) =>
  readFileSync(new URL(`../../schema/operations/${operation}.graphql`, import.meta.url), "utf8");

let stack: Stack;
const tokens = new Map<Person, string>();

type Person = "customer" | "support" | "finance" | "admin";
const people: readonly Person[] = ["customer", "support", "finance", "admin"];

beforeAll(async () => {
  stack = await startStack({ seedCustomers: 30 });
  for (const person of people) tokens.set(person, await stack.token(person));
});
afterAll(() => stack?.stop());

function send(person: Person, operation: string, input: Record<string, unknown>) {
  return askApi(stack.gatewayUrl, tokens.get(person)!, { query: textOf(operation), variables: { input } });
}

/** Registers a customer of the test's own, so that no test sees what another one changed. */
async function newCustomer(): Promise<{ id: string; version: number; number: string }> {
  const { data } = await send("admin", "register-customer", {
    name: `Test ${randomUUID()}`,
    creditLimit: { amountMinor: 500_00, currency: "USD" },
    idempotencyKey: randomUUID(),
  });
  return data.registerCustomer.customer;
}

interface CapturedPayment {
  id: string;
  version: number;
  captured: { amountMinor: number; currency: string };
}

/** A payment with money captured and nothing given back; another one for each number. */
async function capturedPayment(skip: number): Promise<CapturedPayment> {
  const query = `{ payments(first: 100, filter: { status: [CAPTURED] }) { nodes { id version refunded { amountMinor } captured { amountMinor currency } } } }`;
  const { data } = await askApi(stack.gatewayUrl, tokens.get("admin")!, { query });
  return data.payments.nodes.filter(
    (node: CapturedPayment) => node.captured.currency === "USD" && node.captured.amountMinor > 1000,
  )[skip];
}

/** Who may do what, as the front page of the README says it in words. */
const allowed: Record<string, readonly Person[]> = {
  "register-customer": ["support", "admin"],
  "suspend-customer": ["support", "admin"],
  "reinstate-customer": ["support", "admin"],
  "change-credit-limit": ["finance", "admin"],
  "refund-payment": ["finance", "admin"],
};

describe.each(Object.entries(allowed))("%s", (operation, may) => {
  it.each(people)("as %s", async (person) => {
    const { id, version } = await newCustomer();
    const payment = await capturedPayment(people.indexOf(person));
    if (operation === "reinstate-customer") {
      await send("admin", "suspend-customer", {
        customerId: id,
        reason: "a test",
        expectedVersion: version,
        idempotencyKey: randomUUID(),
      });
    }
    const inputs: Record<string, Record<string, unknown>> = {
      "register-customer": { name: "Somebody New", creditLimit: { amountMinor: 1, currency: "USD" } },
      "suspend-customer": { customerId: id, reason: "a reason", expectedVersion: version },
      "reinstate-customer": { customerId: id, expectedVersion: version + 1 },
      "change-credit-limit": {
        customerId: id,
        creditLimit: { amountMinor: 777_00, currency: "USD" },
        expectedVersion: version,
      },
      "refund-payment": {
        paymentId: payment.id,
        amount: { amountMinor: 250, currency: "USD" },
        reason: "damaged",
        expectedVersion: payment.version,
      },
    };
    const input = { ...inputs[operation], idempotencyKey: randomUUID() };
    const { data, errors } = await send(person, operation, input);
    const [field] = Object.keys(data);
    if (!may.includes(person)) {
      expect(data).toEqual({ [field!]: null });
      expect(errors).toEqual([
        expect.objectContaining({ path: [field], extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" } }),
      ]);
      return;
    }
    expect(errors.filter(({ extensions }) => extensions.code !== "UNAUTHORIZED_FIELD_OR_TYPE")).toEqual([]);
    const result = data[field!];
    switch (operation) {
      case "register-customer":
        expect(result).toMatchObject({
          __typename: "CustomerChanged",
          customer: { status: "ACTIVE", version: 1 },
        });
        break;
      case "suspend-customer":
        expect(result.customer).toMatchObject({
          id,
          status: "SUSPENDED",
          suspensionReason: "a reason",
          version: version + 1,
        });
        break;
      case "reinstate-customer":
        expect(result.customer).toMatchObject({ id, status: "ACTIVE", version: version + 2 });
        break;
      case "change-credit-limit":
        expect(result.customer).toMatchObject({
          id,
          creditLimit: { amountMinor: 777_00 },
          creditAvailable: { amountMinor: 777_00 },
          version: version + 1,
        });
        break;
      case "refund-payment":
        expect(result.payment).toMatchObject({
          id: payment.id,
          status: "PARTIALLY_REFUNDED",
          refunded: { amountMinor: 250 },
          version: payment.version + 1,
        });
        expect(result.payment.ledger.at(-1)).toMatchObject({
          type: "REFUND",
          amount: { amountMinor: 250 },
          reason: "damaged",
        });
        break;
    }
  });
});

it("gives the first answer again to the same key, through the gateway", async () => {
  const input = {
    name: "Twice",
    creditLimit: { amountMinor: 100, currency: "EUR" },
    idempotencyKey: randomUUID(),
  };
  const answers = await Promise.all([1, 2, 3].map(() => send("admin", "register-customer", input)));
  expect(answers[0]!.data.registerCustomer.__typename).toBe("CustomerChanged");
  for (const { data } of answers) expect(data).toEqual(answers[0]!.data);
  const other = await send("admin", "register-customer", { ...input, name: "Other" });
  expect(other.data.registerCustomer.__typename).toBe("IdempotencyKeyReused");
});

it("lists every fault of an input at once", async () => {
  const { data } = await send("admin", "register-customer", {
    name: " ",
    email: "no address",
    creditLimit: { amountMinor: -1, currency: "USD" },
    idempotencyKey: "",
  });
  expect(data.registerCustomer.__typename).toBe("InvalidInput");
  expect(data.registerCustomer.faults.map(({ path }: { path: string }) => path).toSorted()).toEqual(
    ["creditLimit.amountMinor", "email", "idempotencyKey", "name"].toSorted(),
  );
});

it("refuses a change of what was changed since", async () => {
  const { id, version } = await newCustomer();
  const change = (amountMinor: number) =>
    send("admin", "change-credit-limit", {
      customerId: id,
      creditLimit: { amountMinor, currency: "USD" },
      expectedVersion: version,
      idempotencyKey: randomUUID(),
    });
  await change(1);
  const { data } = await change(2);
  expect(data.changeCreditLimit).toMatchObject({
    __typename: "StaleVersion",
    expectedVersion: version,
    actualVersion: version + 1,
  });
});

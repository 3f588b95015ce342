import { randomUUID } from "node:crypto";
import { startStack, type Stack } from "@tributary/stack";
import { afterAll, beforeAll, expect, it } from "vitest";
import { askApi } from "../support/api.ts";

let stack: Stack;
let token: string;

beforeAll(async () => {
  stack = await startStack({ seedCustomers: 20 });
  token = await stack.token("admin");
});
afterAll(() => stack?.stop());

const ask = (query: string, variables: Record<string, unknown> = {}) =>
  askApi(stack.gatewayUrl, token, { query, variables });

it("a summary in small letters counted nothing", async () => {
  const summaries = `
    fragment Orders on OrderSummary { currency orderCount ordered { amountMinor currency } otherCurrencies }
    fragment Payments on PaymentSummary { currency paymentCount paid { amountMinor currency } otherCurrencies }`;
  const fields = (currency: string) =>
    `orderSummary(currency: ${currency}) { ...Orders } paymentSummary(currency: ${currency}) { ...Payments }`;
  const query = (variables: string, currency: string) =>
    `query ${variables} { customers(first: 20) { nodes { id ${fields(currency)} } } } ${summaries}`;
  const capitals = await ask(query("", '"USD"'));
  expect(capitals.errors).toEqual([]);
  const counts: number[] = capitals.data.customers.nodes.map(
    (node: { orderSummary: { orderCount: number } }) => node.orderSummary.orderCount,
  );
  expect(counts.some((count) => count > 0)).toBe(true);
  expect(await ask(query("", '"usd"'))).toEqual(capitals);
  expect(await ask(query("($currency: Currency!)", "$currency"), { currency: "uSd" })).toEqual(capitals);
});

it("a currency that there is not was an internal error, and cost its service's other fields", async () => {
  const query = `query ($id: ID!) { customer(id: $id) {
    name bad: orderSummary(currency: "DOLLARS") { orderCount } good: orderSummary(currency: "EUR") { currency }
    orders(first: 1) { totalCount } } }`;
  const { status, data, errors } = await ask(query, { id: stack.sampleCustomerId });
  expect(status).toBe(200);
  expect(data.customer).toMatchObject({
    bad: null,
    good: { currency: "EUR" },
    orders: { totalCount: expect.any(Number) },
  });
  expect(errors).toEqual([
    {
      message: '`currency`: "DOLLARS" is no currency code of ISO 4217, such as "USD"',
      path: ["customer", "bad"],
      extensions: {
        code: "BAD_USER_INPUT",
        service: "order",
        faults: [{ path: "currency", message: expect.stringContaining("DOLLARS") }],
      },
    },
  ]);
});

it("an input in small letters is the same input", async () => {
  const register = `mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) {
    __typename ... on CustomerChanged { customer { id version creditLimit { currency } } } } }`;
  const input = { name: "Somebody New", idempotencyKey: randomUUID() };
  const first = await ask(register, {
    input: { ...input, creditLimit: { amountMinor: 5, currency: "usd" } },
  });
  const { customer } = first.data.registerCustomer;
  expect(customer.creditLimit).toEqual({ currency: "USD" });
  expect(
    await ask(register, { input: { ...input, creditLimit: { amountMinor: 5, currency: "USD" } } }),
  ).toEqual(first);
  const change = `mutation ($input: ChangeCreditLimitInput!) { changeCreditLimit(input: $input) {
    __typename ... on CustomerChanged { customer { creditLimit { amountMinor currency } } } } }`;
  const changed = await ask(change, {
    input: {
      customerId: customer.id,
      expectedVersion: customer.version,
      idempotencyKey: randomUUID(),
      creditLimit: { amountMinor: 7, currency: "Usd" },
    },
  });
  expect(changed.data.changeCreditLimit).toEqual({
    __typename: "CustomerChanged",
    customer: { creditLimit: { amountMinor: 7, currency: "USD" } },
  });
});

import { readFileSync } from "node:fs";
import { startStack, type Stack } from "@tributary/stack";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askApi } from "../support/api.ts";

const flagship = readFileSync(
  new URL("../../schema/operations/customer-with-payment-history.graphql", import.meta.url),
  "utf8",
);

let stack: Stack;
let token: string;

beforeAll(async () => {
  stack = await startStack({ seedCustomers: 20 });
  token = await stack.token("admin");
});
afterAll(() => stack?.stop());

const ask = () =>
  askApi(stack.gatewayUrl, token, {
    query: flagship,
    variables: { id: stack.sampleCustomerId, orders: 3, payments: 3 },
  });

const failures = (errors: Awaited<ReturnType<typeof ask>>["errors"]) =>
  errors.map(({ path = [], extensions }) => ({
    path: path.join("."),
    code: extensions.code,
    service: extensions["service"],
  }));

describe("one service down costs its fields and no more", () => {
  it("payment: profile and orders stand, payments are null", async () => {
    const whole = await ask();
    expect(whole.errors).toEqual([]);
    await stack.subgraphs.payment.stop();
    try {
      const { status, data, errors } = await ask();
      expect(status).toBe(200);
      expect(data.customer.name).toBe(whole.data.customer.name);
      expect(data.customer.creditLimit).toEqual(whole.data.customer.creditLimit);
      expect(data.customer.orderSummary).toEqual(whole.data.customer.orderSummary);
      expect(data.customer.payments).toBeNull();
      expect(data.customer.paymentSummary).toBeNull();
      expect(data.customer.orders.nodes.map((order: { payments: unknown }) => order.payments)).toEqual([
        null,
        null,
        null,
      ]);
      expect(failures(errors)).toEqual(
        expect.arrayContaining([
          { path: "customer.payments", code: "SUBGRAPH_UNAVAILABLE", service: "payment" },
          { path: "customer.paymentSummary", code: "SUBGRAPH_UNAVAILABLE", service: "payment" },
          { path: "customer.orders.nodes.0.payments", code: "SUBGRAPH_UNAVAILABLE", service: "payment" },
        ]),
      );
      expect(new Set(errors.map(({ extensions }) => extensions["service"]))).toEqual(new Set(["payment"]));
      const said = JSON.stringify(errors);
      for (const secret of ["127.0.0.1", "ECONNREFUSED", "at ", "node_modules", token])
        expect(said).not.toContain(secret);
    } finally {
      await stack.subgraphs.payment.restart();
    }
    expect((await ask()).data).toEqual(whole.data);
  });

  it("order: profile and payments stand, orders are null", async () => {
    const whole = await ask();
    await stack.subgraphs.order.stop();
    try {
      const { data, errors } = await ask();
      expect(data.customer.name).toBe(whole.data.customer.name);
      expect(data.customer.orders).toBeNull();
      expect(data.customer.orderSummary).toBeNull();
      expect(data.customer.paymentSummary).toEqual(whole.data.customer.paymentSummary);
      expect(data.customer.payments.totalCount).toBe(whole.data.customer.payments.totalCount);
      expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(
        new Set(["SUBGRAPH_UNAVAILABLE"]),
      );
    } finally {
      await stack.subgraphs.order.restart();
    }
    expect((await ask()).data).toEqual(whole.data);
  });

  it("customer: the whole customer is null, with the path", async () => {
    await stack.subgraphs.customer.stop();
    try {
      const { status, data, errors } = await ask();
      expect(status).toBe(200);
      expect(data).toEqual({ customer: null });
      expect(failures(errors)).toEqual([
        { path: "customer", code: "SUBGRAPH_UNAVAILABLE", service: "customer" },
      ]);
    } finally {
      await stack.subgraphs.customer.restart();
    }
  });
});

it("answers 401 to whoever calls a service without the gateway", async () => {
  for (const { url } of Object.values(stack.subgraphs)) {
    for (const authorization of [undefined, `Bearer ${token}`]) {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(authorization && { authorization }) },
        body: JSON.stringify({ query: "{ __typename }" }),
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
    }
  }
});

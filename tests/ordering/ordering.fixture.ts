import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Stack } from "@tributary/stack";
import { askApi } from "../support/api.ts";

export const textOf = (operation: string) =>
  readFileSync(new URL(`../../schema/operations/${operation}.graphql`, import.meta.url), "utf8");

/** A customer with a token of their own. */
export interface Buyer {
  readonly id: string;
  readonly token: string;
}

/** What an order's progress query tells. */
export interface OrderSeen {
  readonly id: string;
  readonly status: string;
  readonly rejectionReason: string | null;
  readonly version: number;
  readonly history: readonly { readonly type: string }[];
  readonly payments: { readonly nodes: readonly { readonly status: string }[] };
}

const ORDER = `query ($id: ID!) { order(id: $id) {
  id status rejectionReason version history { type } payments { nodes { status } }
} }`;
const CREDIT = `query ($id: ID!) { customer(id: $id) { creditHeld { amountMinor } creditLimit { amountMinor } } }`;

/** Does what customers and staff do with orders, through the gateway of a stack. */
export function createShop(stack: Stack, adminToken: string) {
  const ask = (token: string, query: string, variables: Record<string, unknown>) =>
    askApi(stack.gatewayUrl, token, { query, variables });

  async function newBuyer(limitMinor: number): Promise<Buyer> {
    const input = {
      name: `Buyer ${randomUUID()}`,
      creditLimit: { amountMinor: limitMinor, currency: "USD" },
      idempotencyKey: randomUUID(),
    };
    const { data } = await ask(adminToken, textOf("register-customer"), { input });
    const { id } = data.registerCustomer.customer;
    return { id, token: await stack.token("customer", { customerId: id }) };
  }

  const mutate = async (token: string, operation: string, input: Record<string, unknown>) => {
    const { data, errors } = await ask(token, textOf(operation), {
      input: { idempotencyKey: randomUUID(), ...input },
    });
    return { answer: Object.values(data ?? {})[0] as Record<string, unknown> | null, errors };
  };

  async function order(token: string, id: string): Promise<OrderSeen> {
    const { data, errors } = await ask(token, ORDER, { id });
    if (!data?.order) throw new Error(`no order ${id}: ${JSON.stringify(errors)}`);
    return data.order as OrderSeen;
  }

  /** Waits until the order has one of the statuses; ended by the test's own limit. */
  async function waitFor(token: string, id: string, ...statuses: string[]): Promise<OrderSeen> {
    for (;;) {
      const seen = await order(token, id);
      if (statuses.includes(seen.status)) return seen;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function creditHeld(customerId: string): Promise<number> {
    const { data } = await ask(adminToken, CREDIT, { id: customerId });
    return data.customer.creditHeld.amountMinor as number;
  }

  return { newBuyer, mutate, order, waitFor, creditHeld, ask };
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "@tributary/stack";
import { askApi } from "./api.ts";

const QUERY = `query ($after: String) {
  customers(first: 50, after: $after) {
    nodes { id name version orders(first: 1) { totalCount } payments(first: 1) { totalCount }
      history { asOf name version orderCount paymentCount } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface SeenCustomer {
  id: string;
  name: string;
  version: number;
  orders: { totalCount: number };
  payments: { totalCount: number };
  history: {
    asOf: string | null;
    name: string;
    version: number;
    orderCount: number;
    paymentCount: number;
  } | null;
}

/** Waits until the histories have all customers with all orders and payments, as after a seed or an import. */
export async function untilHistoriesAreWhole(stack: Stack, withinMs = 60_000): Promise<void> {
  const token = await stack.token("admin");
  const end = performance.now() + withinMs;
  for (let after: string | null = null; ;) {
    const { data, errors } = await askApi(stack.gatewayUrl, token, { query: QUERY, variables: { after } });
    const page = data?.customers as
      { nodes: SeenCustomer[]; pageInfo: { hasNextPage: boolean; endCursor: string } } | undefined;
    if (errors.length === 0 && page?.nodes.every(isWhole)) {
      if (!page.pageInfo.hasNextPage) return;
      after = page.pageInfo.endCursor;
      continue;
    }
    if (performance.now() > end) {
      const first = page?.nodes.find((node) => !isWhole(node));
      throw new Error(`histories are not whole: ${JSON.stringify(first ?? errors)}`);
    }
    await sleep(100);
  }
}

function isWhole({ name, version, orders, payments, history }: SeenCustomer): boolean {
  return (
    history?.name === name &&
    history.asOf !== null &&
    history.version === version &&
    history.orderCount === orders.totalCount &&
    history.paymentCount === payments.totalCount
  );
}

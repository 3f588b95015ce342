import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "./stack.ts";

const QUERY = `query ($id: ID!) {
  customer(id: $id) {
    name orders(first: 1) { totalCount } payments(first: 1) { totalCount } history { name orderCount paymentCount }
  }
}`;

interface Response {
  readonly data?: {
    readonly customer: {
      readonly name: string;
      readonly orders: { readonly totalCount: number } | null;
      readonly payments: { readonly totalCount: number } | null;
      readonly history: {
        readonly name: string;
        readonly orderCount: number;
        readonly paymentCount: number;
      } | null;
    } | null;
  } | null;
}

/**
 * Waits until the sample customer's history has what their services have: it is filled in the background.
 *
 * @returns false where that takes longer, and true where there is nobody to ask about
 */
export async function historyIsThere(stack: Stack, withinMs: number): Promise<boolean> {
  const { sampleCustomerId: id } = stack;
  if (!stack.localIssuer || id === null) return true;
  const authorization = `Bearer ${await stack.token("customer")}`;
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const response = await fetch(`${stack.gatewayUrl}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: JSON.stringify({ query: QUERY, variables: { id } }),
      signal: AbortSignal.timeout(withinMs),
    }).catch(() => null);
    const answer = (await response?.json().catch(() => null)) as Response | null | undefined;
    const { history, name, orders, payments } = answer?.data?.customer ?? {};
    const isThere =
      history?.name === name &&
      history?.orderCount === orders?.totalCount &&
      history?.paymentCount === payments?.totalCount;
    if (history && isThere) return true;
    await sleep(100);
  }
  return false;
}

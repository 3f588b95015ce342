import { StackError } from "../error.ts";
import type { PricedProduct } from "./plan.ts";
import type { Shop } from "./shop.ts";

const PRODUCTS = "{ products(first: 100) { nodes { code price { amountMinor } } } }";
const REGISTER = `mutation ($input: RegisterCustomerInput!) {
  result: registerCustomer(input: $input) {
    ... on CustomerChanged { customer { id } } ... on MutationFailure { message }
  }
}`;
/** How many customers are registered at the same time. */
const AT_ONCE = 8;

/**
 * Reads what can be ordered in USD, of the first 100 products of the price list.
 *
 * @throws StackError where there is nothing, or no answer
 */
export async function readProducts(shop: Shop, token: string): Promise<PricedProduct[]> {
  type Products = { products: { nodes: { code: string; price: { amountMinor: number } | null }[] } };
  const answer = await shop.ask<Products>(token, PRODUCTS);
  if ("code" in answer) throw new StackError(`the price list cannot be read: ${answer.code}`);
  const products = answer.data.products.nodes.flatMap(({ code, price }) =>
    price === null ? [] : [{ code, priceMinor: price.amountMinor }],
  );
  if (products.length === 0)
    throw new StackError(
      "the price list has nothing in USD: start with a generated set (no --no-seed), or npm run import",
    );
  return products;
}

/**
 * Registers the customers who order.
 *
 * @param options.limits their credit limits, in minor units of USD
 * @returns their ids
 * @throws StackError where one is not registered
 */
export async function registerCustomers(
  shop: Shop,
  token: string,
  { limits, runId }: { readonly limits: readonly number[]; readonly runId: string },
): Promise<string[]> {
  const ids: string[] = [];
  const queue = limits.entries();
  const registerNext = async (): Promise<void> => {
    for (const [index, amountMinor] of queue) {
      const input = {
        name: `Traffic customer ${index + 1}`,
        creditLimit: { amountMinor, currency: "USD" },
        idempotencyKey: `${runId}-customer-${index}`,
      };
      type Result = { result: { customer?: { id: string }; message?: string } };
      const answer = await shop.ask<Result>(token, REGISTER, { input });
      const customer = "data" in answer ? answer.data.result.customer : undefined;
      if (!customer)
        throw new StackError(
          `a customer is not registered: ${"code" in answer ? answer.code : answer.data.result.message}`,
        );
      ids[index] = customer.id;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, registerNext));
  return ids;
}

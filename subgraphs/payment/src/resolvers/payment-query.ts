import { pageRequest } from "@tributary/subgraph-kit";
import { ORDERINGS, type PaymentQuery } from "../data/payment-queries.ts";
import type { QueryPaymentsArgs } from "../generated/resolvers.ts";

/**
 * Reads the arguments of a field that lists payments.
 *
 * @throws PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR
 */
export function paymentQuery(
  args: Required<Pick<QueryPaymentsArgs, "first" | "orderBy">> & QueryPaymentsArgs,
): PaymentQuery {
  const { field, direction = "DESC" } = args.orderBy;
  return { page: pageRequest(args, { ...ORDERINGS[field], direction }), filter: args.filter ?? null };
}

import { pageRequest } from "@tributary/subgraph-kit";
import { ORDERINGS, type OrderQuery } from "../data/order-queries.ts";
import type { QueryOrdersArgs } from "../generated/resolvers.ts";

/**
 * Reads the arguments of a field that lists orders.
 *
 * @throws PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR
 */
export function orderQuery(
  args: Required<Pick<QueryOrdersArgs, "first" | "orderBy">> & QueryOrdersArgs,
): OrderQuery {
  const { field, direction = "DESC" } = args.orderBy;
  return { page: pageRequest(args, { ...ORDERINGS[field], direction }), filter: args.filter ?? null };
}

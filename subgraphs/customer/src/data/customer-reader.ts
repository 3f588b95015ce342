import {
  countSql,
  createLoader,
  pageRequest,
  pageSql,
  toConnection,
  toMoney,
  type Connection,
  type LoadingOptions,
} from "@tributary/subgraph-kit";
import type { CustomerRecord } from "../domain/customer.ts";
import type { Money } from "../domain/money.ts";
import { isVisible, parseId, type Sight } from "../domain/visibility.ts";
import type { PrismaClient } from "../generated/prisma/client.ts";
import {
  customersOf,
  orderingOf,
  positionIn,
  type CustomerFilter,
  type CustomerOrderField,
} from "./customer-list.ts";
import { recordOf, recordOfRow, type CustomerRow } from "./customer-rows.ts";

export type CustomerConnection = Connection<CustomerRecord>;

export interface CustomerListArguments {
  first: number;
  after?: string | null | undefined;
  filter?: CustomerFilter | null | undefined;
  orderBy: { field: CustomerOrderField; direction?: "ASC" | "DESC" };
}

/** Reads customers for one request. Those that the caller may not see are as if they did not exist. */
export interface CustomerReader {
  /** By any text that may be an id. */
  byId(id: string): Promise<CustomerRecord | null>;
  byNumber(number: string): Promise<CustomerRecord | null>;
  /** @throws PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR */
  list(args: CustomerListArguments): Promise<CustomerConnection>;
  /** What orders hold of a customer's credit: the sum for each currency; empty where nothing is held. */
  creditHeld(customerId: string): Promise<readonly Money[]>;
}

export function createCustomerReader(
  prisma: PrismaClient,
  sight: Sight,
  loading: LoadingOptions,
): CustomerReader {
  const byId = createLoader(loading, async (ids) => {
    const rows = await prisma.customer.findMany({ where: { id: { in: [...ids] } } });
    return new Map(rows.map((row) => [row.id, recordOf(row)]));
  });
  const byNumber = createLoader(loading, async (numbers) => {
    const rows = await prisma.customer.findMany({ where: { number: { in: [...numbers] } } });
    return new Map(rows.map((row) => [row.number, recordOf(row)]));
  });
  const creditHeld = createLoader(loading, (ids) => sumHeld(prisma, ids));

  return {
    async byId(text) {
      const id = parseId(text);
      return id !== null && isVisible(sight, id) ? byId.load(id) : null;
    },
    async byNumber(number) {
      // Without sight of anybody there is nothing to look for, and no number has a NUL in it.
      if ((!sight.everybody && sight.customerId === null) || number.includes("\0")) return null;
      const customer = await byNumber.load(number);
      return customer !== null && isVisible(sight, customer.id) ? customer : null;
    },
    async list({ first, after, filter, orderBy: { field, direction = "ASC" } }) {
      const page = pageRequest({ first, after }, orderingOf(field, direction));
      const source = customersOf(sight, filter ?? {});
      const rows = await prisma.$queryRaw<CustomerRow[]>(pageSql(source, page));
      return toConnection(page, rows.map(recordOfRow), {
        positionOf: positionIn(field),
        async totalCount() {
          const [row] = await prisma.$queryRaw<{ count: bigint }[]>(countSql(source));
          return Number(row?.count ?? 0);
        },
      });
    },
    async creditHeld(customerId) {
      return (await creditHeld.load(customerId)) ?? [];
    },
  };
}

async function sumHeld(prisma: PrismaClient, customerIds: readonly string[]) {
  const sums = await prisma.creditReservation.groupBy({
    by: ["customerId", "currency"],
    where: { customerId: { in: [...customerIds] }, status: "HELD" },
    _sum: { amountMinor: true },
  });
  const held = new Map<string, Money[]>();
  for (const { customerId, currency, _sum } of sums) {
    const money = toMoney(_sum.amountMinor ?? 0n, currency);
    held.set(customerId, [...(held.get(customerId) ?? []), money]);
  }
  return held;
}

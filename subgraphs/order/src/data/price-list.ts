import type { SqlTransaction } from "@tributary/messaging";
import {
  pageSql,
  countSql,
  sql,
  toConnection,
  type Connection,
  type PageRequest,
} from "@tributary/subgraph-kit";
import type { Database } from "./database.ts";
import type { PricedProduct } from "./order-store.ts";

/** A product of the price list. */
export interface ProductRow {
  readonly id: string;
  readonly code: string;
  readonly name: string;
}

/** A page of the price list, as the resolvers of its type read it. */
export type ProductConnectionSource = Connection<ProductRow>;

/** The order that the price list is read in. */
export const BY_NAME = { name: "NAME", column: "name", type: "text", direction: "ASC" } as const;

/** Reads products by code with their price in a currency; those that do not exist are left out. */
export async function pricesOf(
  transaction: SqlTransaction,
  codes: readonly string[],
  currency: string,
): Promise<Map<string, PricedProduct>> {
  const rows = await transaction.query<{ code: string; name: string; price_minor: string | null }>(
    sql`SELECT code, name, price_minor FROM products LEFT JOIN product_prices ON product_id = id AND currency = ${currency} WHERE code = ANY(${[...codes]}::text[])`,
  );
  return new Map(
    rows.map(({ code, name, price_minor }) => [
      code,
      // The table's own check keeps the price within 2^53 - 1.
      { name, priceMinor: price_minor === null ? null : Number(price_minor) },
    ]),
  );
}

/** Reads products by id in one statement. */
export async function productsById(
  { prisma }: Database,
  ids: readonly string[],
): Promise<Map<string, ProductRow>> {
  const rows = await prisma.product.findMany({ where: { id: { in: [...ids] } } });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Reads products by code in one statement. */
export async function productsByCode(
  { prisma }: Database,
  codes: readonly string[],
): Promise<Map<string, ProductRow>> {
  const rows = await prisma.product.findMany({ where: { code: { in: [...codes] } } });
  return new Map(rows.map((row) => [row.code, row]));
}

/** Reads the prices of many products in one currency in one statement, in minor units, by the product's id. */
export async function pricesOfProducts(
  { prisma }: Database,
  ids: readonly string[],
  currency: string,
): Promise<Map<string, number>> {
  const rows = await prisma.productPrice.findMany({ where: { productId: { in: [...ids] }, currency } });
  return new Map(rows.map(({ productId, priceMinor }) => [productId, Number(priceMinor)]));
}

/** Reads one page of the price list. */
export async function productPage({ prisma }: Database, page: PageRequest): Promise<ProductConnectionSource> {
  const source = { table: "products", where: [] };
  const rows = await prisma.$queryRaw<ProductRow[]>(pageSql(source, page));
  return toConnection(page, rows, {
    positionOf: ({ id, name }) => ({ id, value: name }),
    totalCount: async () => {
      const [row] = await prisma.$queryRaw<{ count: bigint }[]>(countSql(source));
      return Number(row?.count ?? 0);
    },
  });
}

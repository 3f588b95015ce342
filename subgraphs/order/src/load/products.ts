import type { CopyPart, LoadResult, Rows } from "@tributary/bulk";
import { copyRows, createStaging } from "@tributary/bulk";
import type { ClientBase } from "pg";

/** A product of the price list, with what one costs in each currency that it is sold in. */
export interface LoadedProduct {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** ISO 4217 code -> minor units, above zero. */
  readonly prices: Readonly<Record<string, number>>;
}

const parts: readonly CopyPart<LoadedProduct>[] = [
  {
    table: "staged_products",
    columns: ["id", "code", "name"],
    rows: ({ id, code, name }) => [[id, code, name]],
  },
  {
    table: "staged_product_prices",
    columns: ["product_id", "currency", "price_minor"],
    rows: ({ id, prices }) => Object.entries(prices).map(([currency, price]) => [id, currency, price]),
  },
];

/**
 * Loads products into the price list. A product whose code is there already stays as it is, with its prices.
 *
 * @param client a client in a transaction, which this neither begins nor ends
 * @throws the database's errors, such as a price of zero
 */
export async function loadProducts(client: ClientBase, products: Rows<LoadedProduct>): Promise<LoadResult> {
  for (const table of ["products", "product_prices"]) await createStaging(client, table);
  const [given = 0] = await copyRows(client, { parts, items: products });
  const { rows } = await client.query<{ inserted: number }>(
    `WITH inserted AS (
       INSERT INTO products SELECT * FROM staged_products ON CONFLICT (code) DO NOTHING RETURNING id
     ), priced AS (
       INSERT INTO product_prices SELECT s.* FROM staged_product_prices s JOIN inserted i ON i.id = s.product_id
     ) SELECT count(*)::int AS inserted FROM inserted`,
  );
  const inserted = rows[0]?.inserted ?? 0;
  return { inserted, unchanged: given - inserted };
}

import {
  createArgumentLoader,
  createLoader,
  type LoadingOptions,
  type PageRequest,
} from "@tributary/subgraph-kit";
import { parseId } from "../domain/identifier.ts";
import { createMoney, type Money } from "../domain/money.ts";
import type { Database } from "./database.ts";
import {
  pricesOfProducts,
  productPage,
  productsByCode,
  productsById,
  type ProductConnectionSource,
  type ProductRow,
} from "./price-list.ts";

/** Reads the price list for one request; what is asked for in the same tick is read together. */
export interface ProductReader {
  byId(id: string): Promise<ProductRow | null>;
  byCode(code: string): Promise<ProductRow | null>;
  /** @returns null where the product is not sold in the currency */
  priceOf(product: ProductRow, currency: string): Promise<Money | null>;
  page(page: PageRequest): Promise<ProductConnectionSource>;
}

export function createProductReader(database: Database, options: LoadingOptions): ProductReader {
  const byId = createLoader(options, (ids) => productsById(database, ids));
  const byCode = createLoader(options, (codes) => productsByCode(database, codes));
  const prices = createArgumentLoader(options, (ids, currency: string) =>
    pricesOfProducts(database, ids, currency),
  );
  return {
    async byId(id) {
      const key = parseId(id);
      return key === null ? null : byId.load(key);
    },
    async byCode(code) {
      // PostgreSQL's text holds no NUL, and takes none as a parameter.
      return code.includes("\0") ? null : byCode.load(code);
    },
    async priceOf({ id }, currency) {
      const priceMinor = await prices.load(id, currency);
      return priceMinor === null ? null : createMoney(priceMinor, currency);
    },
    page: (page) => productPage(database, page),
  };
}

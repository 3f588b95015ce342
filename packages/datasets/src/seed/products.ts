import { faker } from "@faker-js/faker/locale/en";
import type { LoadedProduct } from "@tributary/order/load";
import { generatedId } from "../ids.ts";
import { COUNTRIES, type Country } from "./countries.ts";
import { createRandom } from "./random.ts";

/** Something that is sold. */
export interface Product {
  readonly code: string;
  readonly name: string;
  /** In US cents. */
  readonly priceMinor: number;
}

/** The goods of the generated data set: 240 of them, a few cheap for every dear one. */
export const PRODUCTS: readonly Product[] = catalogue(240);

function catalogue(size: number): Product[] {
  const random = createRandom(0x70726f64, 0);
  const { adjective, material, product } = faker.definitions.commerce.product_name;
  return Array.from({ length: size }, (_, index) => ({
    code: `P-${String(index + 1).padStart(4, "0")}`,
    name: `${random.pick(adjective)} ${random.pick(material)} ${random.pick(product)}`,
    priceMinor: Math.round(4_95 * 10 ** (random.next() * 2.2)),
  }));
}

/** What one of a product costs in a country, in minor units of its currency. */
export function priceIn({ rate }: Pick<Country, "rate">, { priceMinor }: Product): number {
  return Math.max(1, Math.round(priceMinor * rate));
}

/** The generated price list: every product, in every currency that customers trade in. */
export function priceList(): LoadedProduct[] {
  return PRODUCTS.map((product) => ({
    id: generatedId("products", product.code),
    code: product.code,
    name: product.name,
    prices: Object.fromEntries(COUNTRIES.map((country) => [country.currency, priceIn(country, product)])),
  }));
}

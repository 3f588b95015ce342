import { hash } from "node:crypto";

/** The namespace of every id that a data set gives. Chosen once; another one would give every imported row a new id. */
export const DATASET_NAMESPACE = "6d0c8c0a-3a1f-4d6b-9c55-7b1f0c2c2e11";

const buffer = Buffer.alloc(512);
buffer.write(DATASET_NAMESPACE.replaceAll("-", ""), "hex");

/** The table that a row goes to, in whichever database. */
export type DatasetTable = "customers" | "orders" | "order_events" | "payments" | "products";

/** The id of an imported row: the UUID v5 (RFC 9562) of `classicmodels:<table>:<key>`; the same in every run. */
export function importedId(table: DatasetTable, key: string): string {
  return nameBasedId(`classicmodels:${table}:${key}`);
}

/** The id of a generated row: the UUID v5 of `generated:<table>:<key>`; the same in every run. */
export function generatedId(table: DatasetTable, key: string | number): string {
  return nameBasedId(`generated:${table}:${key}`);
}

/** As `v5` of the package `uuid`, which takes a multiple of the time: millions of ids are made of a data set. */
function nameBasedId(name: string): string {
  const length = 16 + buffer.write(name, 16, "utf8");
  const digest = hash("sha1", buffer.subarray(0, length), "hex");
  const variant = ((parseInt(digest[16] as string, 16) & 0b0011) | 0b1000).toString(16);
  return (
    `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-` +
    `${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
  );
}

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "csv-parse/sync";

/** Where the Classic Models files are, or null: they are no part of this repository. */
export const classicModelsDir: string | null =
  [
    process.env["TRIBUTARY_CLASSICMODELS"],
    path.resolve(import.meta.dirname, "../../../shared/data/classicmodels"),
  ].find((dir) => dir !== undefined && existsSync(path.join(dir, "customers.csv"))) ?? null;

/** What a test that needs the files says of itself where they are absent. */
export const withoutClassicModels = "left out: needs the Classic Models files (set TRIBUTARY_CLASSICMODELS)";

type Row = Record<string, string>;

/** An order, as its files have it: sums in cents, worked out here with integers and nothing of the services' code. */
export interface CsvOrder {
  number: string;
  customer: string;
  status: string;
  placed: string;
  required: string;
  shipped: string | null;
  comments: string | null;
  lines: { number: number; product: string; name: string; quantity: number; price: bigint }[];
  total: bigint;
}

/** A payment, as its file has it. */
export interface CsvPayment {
  customer: string;
  reference: string;
  date: string;
  amount: bigint;
}

/** A product, as its file has it. */
export interface CsvProduct {
  code: string;
  name: string;
  price: bigint;
}

/** The files, read in full: an oracle for tests, small and plain, that shares no code with what it checks. */
export interface ClassicModels {
  customers: Row[];
  products: CsvProduct[];
  orders: CsvOrder[];
  payments: CsvPayment[];
}

/** `1234.50` -> 123450n, by moving the point in the text. */
function cents(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(2, "0"));
}

function rows(dir: string, file: string): Row[] {
  return parse(readFileSync(path.join(dir, file)), { delimiter: ";", columns: true });
}

/** Reads the five files of the directory. */
export function readClassicModels(dir: string): ClassicModels {
  const names = new Map(rows(dir, "products.csv").map((row) => [row["productCode"]!, row["productName"]!]));
  const lines = Map.groupBy(rows(dir, "orderdetails.csv"), (row) => row["orderNumber"]!);
  const orders = rows(dir, "orders.csv").map((row): CsvOrder => {
    const ofOrder = (lines.get(row["orderNumber"]!) ?? [])
      .map((line) => ({
        number: Number(line["orderLineNumber"]),
        product: line["productCode"]!,
        name: names.get(line["productCode"]!)!.trim(),
        quantity: Number(line["quantityOrdered"]),
        price: cents(line["priceEach"]!),
      }))
      .sort((a, b) => a.number - b.number);
    return {
      number: row["orderNumber"]!,
      customer: row["customerNumber"]!,
      status: row["status"]!,
      placed: row["orderDate"]!,
      required: row["requiredDate"]!,
      shipped: row["shippedDate"] || null,
      comments: row["comments"] || null,
      lines: ofOrder,
      total: ofOrder.reduce((sum, line) => sum + BigInt(line.quantity) * line.price, 0n),
    };
  });
  const payments = rows(dir, "payments.csv").map((row): CsvPayment => ({
    customer: row["customerNumber"]!,
    reference: row["checkNumber"]!,
    date: row["paymentDate"]!,
    amount: cents(row["amount"]!),
  }));
  const products = rows(dir, "products.csv").map((row): CsvProduct => ({
    code: row["productCode"]!,
    name: row["productName"]!.trim(),
    price: cents(row["MSRP"]!),
  }));
  return { customers: rows(dir, "customers.csv"), products, orders, payments };
}

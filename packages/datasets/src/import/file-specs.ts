import type { CopyValue } from "@tributary/bulk";
import type { RowReader } from "./row-reader.ts";

/** What one of the files looks like, and the temporary table that its sound rows are gathered in. */
export interface FileSpec {
  readonly file: string;
  /** The columns that are used; others may be there. The first one names what the row is about. */
  readonly columns: readonly string[];
  readonly table: string;
  /** The table's columns, as SQL, after `line` and `text`, which every one has. */
  readonly tableColumns: readonly string[];
  /** The values of those columns; faults are left in the reader. */
  readonly read: (row: RowReader) => readonly CopyValue[];
  /** The amount that a row counts for in the file's total, in minor units; null where it has none. */
  readonly amount: (values: readonly CopyValue[]) => bigint | null;
}

/** Each status that an order may have in the files, and what it is here. */
export const STATUSES: Readonly<Record<string, "PENDING" | "CONFIRMED" | "FULFILLED" | "CANCELLED">> = {
  "On Hold": "PENDING",
  "In Process": "CONFIRMED",
  Shipped: "FULFILLED",
  Resolved: "FULFILLED",
  Disputed: "FULFILLED",
  Cancelled: "CANCELLED",
};

const NUMBER = 32;
const CODE = 64;
const NAME = 200;

const customers: FileSpec = {
  file: "customers.csv",
  columns: [
    "customerNumber",
    "customerName",
    "contactLastName",
    "contactFirstName",
    "phone",
    "addressLine1",
    "addressLine2",
    "city",
    "state",
    "postalCode",
    "country",
    "creditLimit",
  ],
  table: "raw_customers",
  tableColumns: [
    "number text",
    "name text",
    "contact_name text",
    "phone text",
    "address_line1 text",
    "address_line2 text",
    "city text",
    "region text",
    "postal_code text",
    "country text",
    "credit_limit_minor bigint",
  ],
  read: (row) => {
    const number = row.text("customerNumber", NUMBER);
    const name = row.text("customerName", NAME);
    const contact = [row.optional("contactFirstName", NAME), row.optional("contactLastName", NAME)];
    return [
      number,
      name,
      contact.filter((part) => part !== null).join(" ") || null,
      row.optional("phone", 64),
      row.optional("addressLine1", NAME),
      row.optional("addressLine2", NAME),
      row.optional("city", NAME),
      row.optional("state", NAME),
      row.optional("postalCode", NUMBER),
      row.optional("country", NAME),
      row.amount("creditLimit", 0),
    ];
  },
  amount: (values) => BigInt(values[10] as number),
};

const products: FileSpec = {
  file: "products.csv",
  columns: ["productCode", "productName"],
  table: "raw_products",
  tableColumns: ["code text", "name text", "list_price_minor bigint"],
  read: (row) => [
    row.text("productCode", CODE),
    row.text("productName", NAME),
    row.optionalAmount("MSRP", 1),
  ],
  amount: () => null,
};

const orders: FileSpec = {
  file: "orders.csv",
  columns: [
    "orderNumber",
    "orderDate",
    "requiredDate",
    "shippedDate",
    "status",
    "comments",
    "customerNumber",
  ],
  table: "raw_orders",
  tableColumns: [
    "number text",
    "placed text",
    "required text",
    "shipped text",
    "status text",
    "comments text",
    "customer text",
  ],
  read: (row) => {
    const number = row.text("orderNumber", NUMBER);
    const placed = row.day("orderDate");
    const required = row.optionalDay("requiredDate");
    const shipped = row.optionalDay("shippedDate");
    const status = row.text("status", NUMBER);
    if (status !== "" && !Object.hasOwn(STATUSES, status)) {
      row.faults.push(`status ${JSON.stringify(status)} is unknown`);
    }
    if (row.faults.length === 0) {
      if (STATUSES[status] === "FULFILLED" && shipped === null) {
        row.faults.push(`shippedDate is empty, and status is ${status}`);
      }
      if (shipped !== null && shipped < placed) row.faults.push("shippedDate is before orderDate");
    }
    const comments = row.verbatim("comments", 10_000);
    return [number, placed, required, shipped, status, comments, row.text("customerNumber", NUMBER)];
  },
  amount: () => null,
};

const orderDetails: FileSpec = {
  file: "orderdetails.csv",
  columns: ["orderNumber", "productCode", "quantityOrdered", "priceEach", "orderLineNumber"],
  table: "raw_lines",
  tableColumns: [
    "number text",
    "product text",
    "quantity integer",
    "price_minor bigint",
    "line_number integer",
  ],
  read: (row) => {
    const number = row.text("orderNumber", NUMBER);
    const product = row.text("productCode", CODE);
    const quantity = row.integer("quantityOrdered", 1);
    const price = row.amount("priceEach", 0);
    if (row.faults.length === 0 && !Number.isSafeInteger(quantity * price)) {
      row.faults.push("quantityOrdered times priceEach is too large");
    }
    return [number, product, quantity, price, row.integer("orderLineNumber", 1)];
  },
  amount: (values) => BigInt(values[2] as number) * BigInt(values[3] as number),
};

const payments: FileSpec = {
  file: "payments.csv",
  columns: ["customerNumber", "checkNumber", "paymentDate", "amount"],
  table: "raw_payments",
  tableColumns: ["customer text", "reference text", "paid text", "amount_minor bigint"],
  read: (row) => [
    row.text("customerNumber", NUMBER),
    row.text("checkNumber", CODE),
    row.day("paymentDate"),
    row.amount("amount", 1),
  ],
  amount: (values) => BigInt(values[3] as number),
};

/** The files, in the order in which they are read. */
export const FILES: readonly FileSpec[] = [customers, products, orders, orderDetails, payments];

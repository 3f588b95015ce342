import { readFileSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import { contents, query, useDatabases } from "../test-databases.ts";
import { findBreaches } from "../test-invariants.ts";
import type { DatabaseUrls } from "../transactions.ts";
import { importDirectory } from "./import-directory.ts";
import type { Reconciliation } from "./reconciliation.ts";
import { viewReconciliation } from "./reconciliation-view.ts";

const dir = join(import.meta.dirname, "../../sample");
const databases = useDatabases();

/** Every fault that was put into the sample; its README explains them. */
const FAULTS = `
customers.csv 6: customerNumber is also on line 3
customers.csv 12: creditLimit "-500.00" is negative
customers.csv 13: creditLimit "12,50" is no amount with two places
customers.csv 14: customerName is empty
customers.csv 21: has 12 values where the header has 13
customers.csv 22: is not valid UTF-8
customers.csv 23: has a quote out of place
customers.csv 28: customerName is longer than 200 characters
products.csv 8: productCode is also on line 3
products.csv 26: productName is empty
orders.csv 23: customer 9999 is not in customers.csv
orders.csv 24: customer 9101 was rejected: customers.csv line 12
orders.csv 25: status "Lost" is unknown
orders.csv 26: orderDate "2024-02-30" is no day (YYYY-MM-DD)
orders.csv 27: shippedDate is before orderDate
orders.csv 48: shippedDate is empty, and status is Shipped
orders.csv 49: has no lines in orderdetails.csv
orders.csv 50: orderNumber is also on line 2
orders.csv 51: its line was rejected: orderdetails.csv line 118
orders.csv 72: its line was rejected: orderdetails.csv line 119
orders.csv 73: its line was rejected: orderdetails.csv line 121
orders.csv 74: its line was rejected: orderdetails.csv line 180
orders.csv 75: its line was rejected: orderdetails.csv line 184
orderdetails.csv 62: order 90101 was rejected: orders.csv line 23
orderdetails.csv 63: order 90102 was rejected: orders.csv line 24
orderdetails.csv 64: order 90103 was rejected: orders.csv line 25
orderdetails.csv 65: order 90105 was rejected: orders.csv line 27
orderdetails.csv 66: order 90777 is not in orders.csv
orderdetails.csv 117: order 90108 was rejected: orders.csv line 51
orderdetails.csv 118: product K-77 is not in products.csv
orderdetails.csv 119: product K-99 was rejected: products.csv line 26
orderdetails.csv 120: order 90109 was rejected: orders.csv line 72
orderdetails.csv 121: quantityOrdered "0" is less than 1
orderdetails.csv 122: order 90110 was rejected: orders.csv line 73
orderdetails.csv 180: priceEach "-2.00" is negative
orderdetails.csv 181: quantityOrdered "five" is no whole number
orderdetails.csv 182: order 90111 was rejected: orders.csv line 74
orderdetails.csv 183: order 90112 was rejected: orders.csv line 75
orderdetails.csv 184: orderLineNumber of this orderNumber is also on line 183
orderdetails.csv 185: has 4 values where the header has 5
payments.csv 17: customer 9999 is not in customers.csv
payments.csv 18: customer 9103 was rejected: customers.csv line 14
payments.csv 19: checkNumber of this customerNumber is also on line 4
payments.csv 20: amount "0.00" is not above zero
payments.csv 36: amount "-3.50" is negative
payments.csv 37: amount "1.005" is no amount with two places
payments.csv 38: paymentDate "01/06/2024" is no day (YYYY-MM-DD)
payments.csv 39: has a quote that is never closed
payments.csv 50: checkNumber is empty
payments.csv 51: amount "99999999999999.00" is too large
`
  .trim()
  .split("\n");

describe("the sample", () => {
  let urls: DatabaseUrls;
  let rejects: string;
  let reconciliation: Reconciliation;
  beforeAll(async () => {
    urls = await databases.create();
    rejects = join(await mkdtemp(join(tmpdir(), "tributary-import-")), "sample.rejects.csv");
    reconciliation = await importDirectory({ dir, urls, rejects });
  });

  it("has each fault rejected with its file, line and reason, and the row as it stands there", async () => {
    const rows = parse<Record<string, string>>(await readFile(rejects), { delimiter: ";", columns: true });
    expect(rows.map(({ file, line, reason }) => `${file} ${line}: ${reason}`)).toEqual(FAULTS);
    for (const { file, line, row } of rows) {
      const lines = readFileSync(join(dir, file!), "utf8").split("\n");
      expect(row).toBe(lines[Number(line) - 1]);
    }
  });

  it("agrees with the tables: rows and money, to the cent", () => {
    expect(viewReconciliation(reconciliation)).toEqual(
      `
file              read  new  unchanged  rejected   amount read  rejected
----------------  ----  ---  ---------  --------  ------------  --------
customers.csv       33   25          0         8  1,018,003.00      1.00
products.csv        22   20          0         2             -         -
orders.csv          73   60          0        13             -         -
orderdetails.csv   184  167          0        17    223,208.57     40.00
payments.csv        50   40          0        10    187,740.72     31.00

service                  rows: files  service  amount: files       service
--------  -------------  -----------  -------  -------------  ------------  ------
customer  credit limits           25       25   1,018,002.00  1,018,002.00  agrees
customer  credit held              4        4      17,218.30     17,218.30  agrees
order     orders                  60       60     223,168.57    223,168.57  agrees
order     order lines            167      167     223,168.57    223,168.57  agrees
payment   payments                40       40     187,709.72    187,709.72  agrees
payment   captured                40       40     187,709.72    187,709.72  agrees`
        .trim()
        .split("\n"),
    );
  });

  it("keeps what must hold of orders, payments and credit", async () => {
    expect(await findBreaches(urls, { imported: true })).toEqual([]);
  });

  it("changes nothing the second time, and says that all of it was there", async () => {
    const before = await contents(urls);
    const again = await importDirectory({ dir, urls, rejects });
    expect(again.agrees).toBe(true);
    expect(again.files.map(({ added, unchanged }) => [added, unchanged])).toEqual([
      [0, 25],
      [0, 20],
      [0, 60],
      [0, 167],
      [0, 40],
    ]);
    expect(await contents(urls)).toEqual(before);
  });

  it("keeps text as text: quotes, accents, line ends, leading zeros; and trims blanks but in comments", async () => {
    const customers = await query<Record<string, string>>(
      urls.customer,
      "SELECT number, name, contact_name, address_line2, city, postal_code, country FROM customers WHERE number IN ('9001', '9005', '9007', '9012', '9025') ORDER BY 1",
    );
    expect(customers).toMatchObject([
      { number: "9001", contact_name: "Purchasing Desk", postal_code: "04999" },
      { number: "9005", country: "Norway" },
      { number: "9007", name: "Café Zwölf", address_line2: "Building 2\nSecond floor" },
      { number: "9012", name: 'Umbrella "Rain or Shine" Shop', city: "Épinette" },
      { number: "9025", name: "Long Table Pottery" },
    ]);
    const comments = await query<{ comments: string }>(
      urls.order,
      "SELECT comments FROM orders WHERE comments IS NOT NULL ORDER BY number",
    );
    expect(comments.map((row) => row.comments)).toEqual([
      "Leave with the neighbour; ring twice.",
      'They said "urgent".\nThey always do.',
      "  Gift wrap, please.",
    ]);
  });
});

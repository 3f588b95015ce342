import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import { contents, query, useDatabases } from "../test-databases.ts";
import { findBreaches } from "../test-invariants.ts";
import type { DatabaseUrls } from "../transactions.ts";
import { importDirectory } from "./import-directory.ts";
import type { Reconciliation } from "./reconciliation.ts";

const dir =
  process.env["TRIBUTARY_CLASSICMODELS"] ??
  resolve(import.meta.dirname, "../../../../../shared/data/classicmodels");
const absent = !existsSync(join(dir, "customers.csv"));
const note = absent ? " (left out: needs the Classic Models files; set TRIBUTARY_CLASSICMODELS)" : "";

describe.skipIf(absent)(`Classic Models${note}`, () => {
  const databases = useDatabases();
  let urls: DatabaseUrls;
  let reconciliation: Reconciliation;
  const rejects = join(tmpdir(), "classicmodels.rejects.csv");
  beforeAll(async () => {
    urls = await databases.create();
    reconciliation = await importDirectory({ dir, urls, rejects });
  });

  it("comes whole, and to the cent", () => {
    expect(
      Object.fromEntries(
        reconciliation.files.map(({ file, read, added, rejected, readMinor }) => [
          file,
          [read, added, rejected, readMinor],
        ]),
      ),
    ).toEqual({
      "customers.csv": [122, 122, 0, 825_440_000n],
      "products.csv": [110, 110, 0, null],
      "orders.csv": [326, 326, 0, null],
      "orderdetails.csv": [2996, 2996, 0, 960_419_061n],
      "payments.csv": [273, 273, 0, 885_383_923n],
    });
    expect(
      reconciliation.services.map(({ what, standing, standingMinor }) => [what, standing, standingMinor]),
    ).toEqual([
      ["credit limits", 122, 825_440_000n],
      ["credit held", 6, 13_527_152n],
      ["orders", 326, 960_419_061n],
      ["order lines", 2996, 960_419_061n],
      ["payments", 273, 885_383_923n],
      ["captured", 273, 885_383_923n],
    ]);
  });

  it("has each status become the documented one, and 24 customers without an order", async () => {
    const statuses = await query<{ source_status: string; status: string; count: number }>(
      urls.order,
      "SELECT source_status, status, count(*)::int FROM orders GROUP BY 1, 2 ORDER BY 1",
    );
    expect(statuses.map(({ source_status, status, count }) => [source_status, status, count])).toEqual([
      ["Cancelled", "CANCELLED", 6],
      ["Disputed", "FULFILLED", 3],
      ["In Process", "CONFIRMED", 6],
      ["On Hold", "PENDING", 4],
      ["Resolved", "FULFILLED", 4],
      ["Shipped", "FULFILLED", 303],
    ]);
    const [buyers] = await query<{ count: number }>(
      urls.order,
      "SELECT count(DISTINCT customer_id)::int FROM orders",
    );
    expect(buyers).toEqual({ count: 98 });
  });

  it("has no blanks at the ends of names and addresses, and every comment as it was", async () => {
    const [blanks] = await query<{ count: number }>(
      urls.customer,
      `SELECT count(*)::int FROM customers
        WHERE concat_ws('|', '', name, contact_name, phone, address_line1, address_line2, city, region, postal_code,
                        country, '') ~ '\\| | \\|'`,
    );
    expect(blanks).toEqual({ count: 0 });
    const expected = parse<Record<string, string>>(readFileSync(join(dir, "orders.csv")), {
      delimiter: ";",
      columns: true,
    }).map((row) => [row.orderNumber, row.comments || null]);
    const found = await query<{ number: string; comments: string | null }>(
      urls.order,
      "SELECT number, comments FROM orders ORDER BY number",
    );
    expect(found.map(({ number, comments }) => [number, comments])).toEqual(expected);
  });

  it("keeps what must hold, credit limits included", async () => {
    expect(await findBreaches(urls)).toEqual([]);
  });

  it("changes nothing the second time", async () => {
    const before = await contents(urls);
    const again = await importDirectory({ dir, urls, rejects });
    expect(again.files.map(({ added }) => added)).toEqual([0, 0, 0, 0, 0]);
    expect(await contents(urls)).toEqual(before);
    expect(existsSync(rejects)).toBe(false);
  });
});

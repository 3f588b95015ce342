import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importedId } from "../ids.ts";
import { contents, query, useDatabases } from "../test-databases.ts";
import type { DatabaseUrls } from "../transactions.ts";
import { FILES } from "./file-specs.ts";
import { importDirectory } from "./import-directory.ts";
import { viewReconciliation } from "./reconciliation-view.ts";

const sample = join(import.meta.dirname, "../../sample");
const databases = useDatabases();

const freshDir = () => mkdtempSync(join(tmpdir(), "tributary-import-"));

/** A copy of the sample that a test may break. */
function copyOfSample(change?: { file: string; edit: (text: string) => string }): string {
  const dir = freshDir();
  for (const { file } of FILES) copyFileSync(join(sample, file), join(dir, file));
  if (change) {
    const path = join(dir, change.file);
    writeFileSync(path, change.edit(readFileSync(path, "utf8")));
  }
  return dir;
}

const rejectsIn = (dir: string) => join(dir, "rejects.csv");
const importSample = (urls: DatabaseUrls) =>
  importDirectory({ dir: sample, urls, rejects: rejectsIn(freshDir()) });

/** Imports the sample in a process of its own that kills itself at a step; resolves to how it ended. */
async function killedAt(urls: DatabaseUrls, step: string): Promise<string | null> {
  const script = `
    import { importDirectory } from ${JSON.stringify(join(import.meta.dirname, "import-directory.ts"))};
    await importDirectory({ dir: ${JSON.stringify(sample)}, urls: ${JSON.stringify(urls)},
      rejects: ${JSON.stringify(rejectsIn(freshDir()))},
      onProgress: ({ step, what }) => {
        if (step + what === ${JSON.stringify(step)}) process.kill(process.pid, "SIGKILL");
      } });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal;
}

describe("an import that cannot be done", () => {
  it("names every file that is missing", async () => {
    const urls = await databases.create();
    const dir = copyOfSample();
    rmSync(join(dir, "orders.csv"));
    rmSync(join(dir, "payments.csv"));
    await expect(importDirectory({ dir, urls, rejects: rejectsIn(dir) })).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: `${dir} has no orders.csv, no payments.csv`,
    });
  });

  it.each([
    [
      "customers.csv",
      (text: string) => text.replace(";creditLimit", ";credit"),
      "has no column creditLimit;",
    ],
    [
      "payments.csv",
      (text: string) => text.replace("checkNumber;paymentDate", "a;b"),
      "has no column checkNumber, no column paymentDate;",
    ],
    ["orders.csv", (text: string) => text.replaceAll(";", ","), "orders.csv separates its values by commas"],
    [
      "orders.csv",
      (text: string) => text.replace("comments", "status"),
      "no column comments, a column twice",
    ],
    ["products.csv", () => "", "products.csv is empty"],
    ["products.csv", (text: string) => `"${text}`, "header of products.csv has a quote"],
  ] as const)("loads nothing with a bad header: %s %#", async (file, edit, message) => {
    const urls = await databases.create();
    const before = await contents(urls);
    const dir = copyOfSample({ file, edit });
    const attempt = importDirectory({ dir, urls, rejects: rejectsIn(dir) });
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(await contents(urls)).toEqual(before);
  });

  it("loads nothing where rows are rejected and that was not to be, but tells which", async () => {
    const urls = await databases.create();
    const before = await contents(urls);
    const rejects = rejectsIn(freshDir());
    await expect(importDirectory({ dir: sample, urls, rejects, strict: true })).rejects.toMatchObject({
      code: "REJECTED_ROWS",
    });
    expect(await contents(urls)).toEqual(before);
    expect(readFileSync(rejects, "utf8").split("\n").length).toBeGreaterThan(50);
  });
});

describe("an order", () => {
  it.each([
    ["a quote out of place", (line: string) => line.replace(";", ';1" ')],
    ["an open quote", (line: string) => `"${line}`],
    ["a value too many", (line: string) => `${line};x`],
    ["a NUL", (line: string) => `${line}\0`],
  ] as const)("is not loaded without the line that has %s", async (_, spoil) => {
    const urls = await databases.create();
    const edit = (text: string) => text.replace(/^90001;.*$/m, spoil);
    const dir = copyOfSample({ file: "orderdetails.csv", edit });
    await importDirectory({ dir, urls, rejects: rejectsIn(dir) });
    const reasons = readFileSync(rejectsIn(dir), "utf8")
      .split("\n")
      .filter((line) => /;"+90001;/.test(line));
    expect(
      reasons.some((line) => line.startsWith("orders.csv;2;its line was rejected: orderdetails.csv")),
    ).toBe(true);
    expect(await query(urls.order, "SELECT FROM orders WHERE number = '90001'")).toEqual([]);
    expect(await query(urls.order, "SELECT FROM order_lines")).toHaveLength(
      167 - readFileSync(join(sample, "orderdetails.csv"), "utf8").match(/^90001;/gm)!.length,
    );
  });
});

describe("an import that is cut off", () => {
  it.each(["readpayments.csv", "loadcustomers", "loadorders", "loadpayments", "check"])(
    "leaves nothing when it is killed at: %s; and can be done again",
    async (step) => {
      const [urls, clean] = [await databases.create(), await databases.create()];
      const before = await contents(urls);
      expect(await killedAt(urls, step)).toBe("SIGKILL");
      expect(await contents(urls)).toEqual(before);
      await importSample(urls);
      await importSample(clean);
      const withoutTimes = async (of: DatabaseUrls) => {
        const { "customer.customers": _, ...rest } = await contents(of);
        return rest;
      };
      expect(await withoutTimes(urls)).toEqual(await withoutTimes(clean));
    },
  );

  it("leaves nothing when a connection is lost in the middle", async () => {
    const urls = await databases.create();
    await query(
      urls.payment,
      `CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
       CREATE TRIGGER hang_up BEFORE INSERT ON payments EXECUTE FUNCTION hang_up()`,
    );
    const before = await contents(urls);
    await expect(importSample(urls)).rejects.toThrow(/terminating connection|Connection terminated/);
    expect(await contents(urls)).toEqual(before);
  });

  it("says so when it was cut off between two commits; a second run adds what is missing", async () => {
    const urls = await databases.create();
    await query(
      urls.order,
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more room'; END $$;
       CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION refuse()`,
    );
    await expect(importSample(urls)).rejects.toThrow(
      "committed in customer, and then not in order: no more room. Do the same again: it adds what is missing",
    );
    const counts = async () =>
      (
        await Promise.all(
          (["customer", "order", "payment"] as const).map((context) =>
            query<{ count: number }>(urls[context], `SELECT count(*)::int FROM ${context}s`),
          ),
        )
      ).map(([row]) => row?.count);
    expect(await counts()).toEqual([25, 0, 0]);
    await query(urls.order, "DROP TRIGGER refuse ON orders");
    const again = await importSample(urls);
    expect(again.files.map(({ added, unchanged }) => [added, unchanged])).toEqual([
      [0, 25],
      [20, 0],
      [60, 0],
      [167, 0],
      [40, 0],
    ]);
    expect(await counts()).toEqual([25, 60, 40]);
  });
});

describe("an import into databases that are in use", () => {
  it("keeps nobody from reading, and nobody sees a part of it", async () => {
    const urls = await databases.create();
    const seen = new Set<string>();
    let answers = 0;
    const end = new AbortController();
    // An answer that takes this long waits for a lock.
    const impatient = `${urls.customer}?options=${encodeURIComponent("-c lock_timeout=2s")}`;
    const read = async (): Promise<void> => {
      while (!end.signal.aborted) {
        const [row] = await query<{ customers: number; reservations: number }>(
          impatient,
          `SELECT (SELECT count(*) FROM customers)::int AS customers,
                  (SELECT count(*) FROM credit_reservations)::int AS reservations`,
        );
        seen.add(`${row?.customers} ${row?.reservations}`);
        answers++;
      }
    };
    const reading = read();
    await importSample(urls);
    end.abort();
    await reading;
    expect(answers).toBeGreaterThan(2);
    expect([...seen].filter((state) => state !== "0 0" && state !== "25 4")).toEqual([]);
    expect(seen).toContain("0 0");
  });

  it("takes a change that was made here for what it is", async () => {
    const urls = await databases.create();
    await importSample(urls);
    await query(
      urls.customer,
      "UPDATE customers SET credit_limit_minor = 1, version = version + 1 WHERE number = '9002'",
    );
    const before = await contents(urls);
    const again = await importSample(urls);
    expect(again.services[0]).toMatchObject({ changedSince: 1, differing: [] });
    expect(viewReconciliation(again).at(-1)).toBe("1 of customer credit limits were changed here since");
    expect(await contents(urls)).toEqual(before);
  });

  it.each([
    [
      "order",
      "UPDATE order_lines SET quantity = quantity + 1 WHERE product_code = 'K-01'",
      "of order orders these are not as the files have them: 900",
    ],
    [
      "order",
      "UPDATE orders SET comments = 'other' WHERE number = '90004'",
      "of order orders these are not as the files have them: 90004",
    ],
    ["order", "UPDATE orders SET total_minor = total_minor + 1 WHERE number = '90004'", "DIFFERS"],
    [
      "customer",
      "UPDATE customers SET name = 'Other' WHERE number = '9001'",
      "of customer credit limits these are not as the files have them: 9001",
    ],
    [
      "customer",
      "UPDATE credit_reservations SET amount_minor = amount_minor - 1",
      "of customer credit held these are not",
    ],
    [
      "payment",
      "UPDATE payments SET amount_minor = amount_minor + 1 WHERE reference = 'SK40001'",
      "of payment payments these are not as the files have them: SK40001",
    ],
    [
      "payment",
      "INSERT INTO ledger_entries SELECT id, 3, 'CAPTURE', 1, NULL, now() FROM payments LIMIT 1",
      "DIFFERS",
    ],
    [
      "payment",
      "INSERT INTO ledger_entries SELECT id, 3, 'REFUND', 1, NULL, now() FROM payments WHERE reference = 'SK40001'",
      "of payment payments these are not as the files have them: SK40001",
    ],
  ] as const)("refuses what stands there with another content: %s: %s", async (context, sql, message) => {
    const urls = await databases.create();
    await importSample(urls);
    await query(urls[context], sql);
    const before = await contents(urls);
    const attempt = importSample(urls);
    await expect(attempt).rejects.toMatchObject({ code: "NOT_RECONCILED" });
    await expect(attempt).rejects.toThrow(message);
    expect(await contents(urls)).toEqual(before);
  });

  it("goes beside other rows without touching them", async () => {
    const urls = await databases.create();
    await query(
      urls.customer,
      `INSERT INTO customers (id, number, name, credit_limit_minor, currency)
       VALUES ('${importedId("customers", "elsewhere")}', 'C-1001', 'Elsewhere', 1, 'EUR')`,
    );
    const again = await importSample(urls);
    expect(again.agrees).toBe(true);
    expect(await query(urls.customer, "SELECT name FROM customers WHERE number = 'C-1001'")).toEqual([
      { name: "Elsewhere" },
    ]);
  });
});

describe("the reject file", () => {
  it("is not made where nothing is rejected, and an old one is emptied", async () => {
    const urls = await databases.create();
    const dir = freshDir();
    const write = (file: string, ...lines: string[]) => writeFileSync(join(dir, file), lines.join("\n"));
    const header = (file: string) => FILES.find((spec) => spec.file === file)!.columns.join(";");
    for (const { file } of FILES) write(file, header(file));
    const rejects = rejectsIn(dir);
    const empty = await importDirectory({ dir, urls, rejects });
    expect(empty.agrees).toBe(true);
    expect(existsSync(rejects)).toBe(false);
    write("payments.csv", header("payments.csv"), "1;a;2024-01-01;1.00");
    await importDirectory({ dir, urls, rejects });
    expect(readFileSync(rejects, "utf8")).toBe(
      'file;line;reason;row\npayments.csv;2;customer 1 is not in customers.csv;"1;a;2024-01-01;1.00"\n',
    );
    write("payments.csv", header("payments.csv"));
    await importDirectory({ dir, urls, rejects });
    expect(readFileSync(rejects, "utf8")).toBe("file;line;reason;row\n");
  });
});

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startStack } from "@tributary/stack";
import { afterAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const sample = join(root, "packages/datasets/sample");
const folder = mkdtempSync(join(tmpdir(), "tributary-import-e2e-"));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command that `npm run import --` runs, in a folder of its own. */
function runImport(...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const command = [join(root, "packages/stack/src/import.ts"), ...args];
    execFile(process.execPath, command, { cwd: folder }, (error, out, err) =>
      done({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err }),
    );
  });
}

/** The figures of one row of the tables that an import ends with. */
const figures = (out: string, row: string): string[] =>
  (out.split("\n").find((line) => line.startsWith(row)) ?? "").slice(row.length).trim().split(/ +/);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("npm run import", () => {
  it("says what is missing, and starts nothing for it", async () => {
    const data = join(folder, "untouched");
    const { code, out, err } = await runImport(join(folder, "nowhere"), "--data", data);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("nowhere has no customers.csv, no products.csv, no orders.csv");
    expect(existsSync(data)).toBe(false);
  });

  it("loads with the system stopped, and again changes nothing with it running", async () => {
    const data = join(folder, "loaded");
    const first = await runImport(sample, "--data", data);
    expect(first.code).toBe(0);
    expect(figures(first.out, "order     orders")).toEqual([
      "60",
      "60",
      "223,168.57",
      "223,168.57",
      "agrees",
    ]);
    expect(figures(first.out, "payments.csv")).toEqual(["50", "40", "0", "10", "187,740.72", "31.00"]);
    expect(first.out).toContain("50 rows were rejected: see sample.rejects.csv");
    expect(Math.max(...first.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(first.err.split("\n")).toContain("loading orders");
    expect(readFileSync(join(folder, "sample.rejects.csv"), "utf8")).toContain(
      "\norders.csv;23;customer 9999 is not in customers.csv;",
    );

    const stack = await startStack({ dataDir: data, components: "databases", seedCustomers: false });
    try {
      const again = await runImport(sample, "--data", data);
      expect(again.code).toBe(0);
      expect(figures(again.out, "orders.csv")).toEqual(["73", "0", "60", "13", "-", "-"]);
      expect(figures(again.out, "customers.csv").slice(0, 3)).toEqual(["33", "0", "25"]);
    } finally {
      await stack.stop();
    }
  });

  it("loads nothing with --strict where rows are rejected, and exits with 3", async () => {
    const strict = join(folder, "strict");
    const { code, out, err } = await runImport(
      sample,
      "--strict",
      "--data",
      strict,
      "--rejects",
      "strict.csv",
    );
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("50 rows are rejected, so nothing was loaded; see strict.csv");
    const then = await runImport(sample, "--data", strict);
    expect(figures(then.out, "orders.csv").slice(1, 3)).toEqual(["60", "0"]);
  });
});

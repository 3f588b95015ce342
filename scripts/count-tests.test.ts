import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(path.join(tmpdir(), "count-tests-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Counts a report as Vitest writes it; null for a run that left none. */
function count(report: object | null): { code: number | null; lines: string[] } {
  const file = path.join(folder, "report.json");
  writeFileSync(file, report === null ? "" : JSON.stringify(report));
  const script = path.join(import.meta.dirname, "count-tests.mjs");
  const { status, stdout } = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
  return { code: status, lines: stdout.trim().split("\n") };
}

const passing = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, testResults: [] };

test("a run without failures passes", () => {
  expect(count(passing)).toEqual({ code: 0, lines: ["3 passed, 0 failed"] });
});

test("a failed test fails, and what was left out is said", () => {
  expect(count({ ...passing, numFailedTests: 2, numPendingTests: 4 })).toEqual({
    code: 1,
    lines: ["4 left out", "3 passed, 2 failed"],
  });
});

test("a file that could not be run is a failure, though no test of it failed", () => {
  const broken = { status: "failed", assertionResults: [] };
  expect(count({ ...passing, testResults: [broken] })).toEqual({ code: 1, lines: ["3 passed, 1 failed"] });
});

test("a run that left no report is a failure", () => {
  expect(count(null)).toEqual({ code: 1, lines: ["0 passed, 1 failed"] });
});

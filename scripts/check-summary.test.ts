import { expect, test } from "vitest";
import { renderSummary } from "./check-summary.ts";

test("a run that passed reads as columns and ends in passed", () => {
  expect(
    renderSummary([
      { name: "format", state: "passed", seconds: 1.26 },
      { name: "types", state: "passed", seconds: 12 },
      { name: "tests", state: "left out", seconds: 0 },
    ]),
  ).toBe(
    [
      "format  passed       1.3 s",
      "types   passed      12.0 s",
      "tests   left out",
      "",
      "check: passed",
    ].join("\n"),
  );
});

test("a run that failed names every check that did", () => {
  const summary = renderSummary([
    { name: "format", state: "failed", seconds: 1 },
    { name: "lint", state: "passed", seconds: 1 },
    { name: "types", state: "failed", seconds: 1 },
  ]);
  expect(summary).toMatch(/\ncheck: failed: format, types$/);
});

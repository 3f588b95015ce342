import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { HINTS } from "@apollo/composition/dist/hints.js";
import { ERRORS } from "@apollo/federation-internals";
import { expect, test } from "vitest";
import { ruleEntry } from "../steps/lint/rule-entry.ts";
import { codes, explain, stepOfCode } from "./codes.ts";

const sources = path.join(import.meta.dirname, "..");

test("every code that the comparison finds is explained", () => {
  const folder = path.join(sources, "schema/corpus");
  const text = readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), "utf8"))
    .join("\n");
  const found = new Set([...text.matchAll(/^= \w+ (\w+)/gm)].map((match) => match[1] ?? ""));
  expect([...found].filter((code) => stepOfCode(code) !== "diff")).toEqual([]);
});

test("every code that a step writes itself is explained", () => {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(
    (file) => /(steps|operations|approvals)\/.*\.ts$/.test(file) && !file.includes(".test."),
  );
  const written = files.flatMap((file) =>
    [...readFileSync(path.join(sources, file), "utf8").matchAll(/code: "([A-Z_]+)"/g)].map(
      (match) => match[1] ?? "",
    ),
  );
  expect(new Set(written).size).toBeGreaterThan(5);
  expect(written.filter((code) => explain(code) === null)).toEqual([]);
});

test("every code that a renderer shows, and every error and hint that the composer has, is explained", () => {
  const composers = [...Object.values(ERRORS), ...Object.values(HINTS)].map(({ code }) => code);
  expect(composers.length).toBeGreaterThan(100);
  const all = [...composers, "COMPOSITION_ERROR", "UNCHECKED"];
  expect(all.filter((code) => explain(code) === null)).toEqual([]);
  expect(stepOfCode("INCONSISTENT_DESCRIPTION")).toBe("compose");
});

test("a rule of the linter is explained in its own words", () => {
  expect(ruleEntry("description-style")?.meaning).toContain("comments");
  expect(ruleEntry("no-such-rule")).toBeNull();
});

test("what is explained says what it means and what to do", () => {
  expect(Object.values(codes).filter(({ meaning, action }) => meaning === "" || action === "")).toEqual([]);
  expect(explain("FIELD_TYPE_MISMATCH")?.meaning).toContain("type");
  expect(explain("NO_SUCH_CODE")).toBeNull();
  expect(explain("toString")).toBeNull();
});

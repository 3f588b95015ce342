import { expect, test } from "vitest";
import type { Result } from "../result/finding.ts";
import { renderHuman } from "./human.ts";

const failing: Result = {
  version: 1,
  command: "compose",
  done: ["2 subgraphs"],
  findings: [
    {
      severity: "error",
      code: "FIELD_TYPE_MISMATCH",
      message: `Type of field is incompatible across subgraphs${" and so on".repeat(10)}\n  - indented`,
      places: [
        { subgraph: "a", file: "a.graphql", line: 3, column: 5 },
        { subgraph: "longer", file: "b.graphql" },
      ],
    },
    {
      severity: "hint",
      code: "OUT_OF_DATE",
      message: "old",
      places: [],
      excerpt: ["-a", "+b", " c"],
      advice: "compose",
    },
  ],
};

test("a result reads as findings with their places, and a closing line that says why", () => {
  expect(renderHuman(failing, { color: false })).toMatchInlineSnapshot(`
    "schema compose: failed: 1 error, 1 hint, 2 subgraphs

    error  FIELD_TYPE_MISMATCH Type of field is incompatible across subgraphs and s…
    hint   OUT_OF_DATE old

    error FIELD_TYPE_MISMATCH
      Type of field is incompatible across subgraphs and so on and so on and so on
      and so on and so on and so on and so on and so on and so on and so on
        - indented
      a       a.graphql:3:5
      longer  b.graphql

    hint OUT_OF_DATE
      old
        -a
        +b
         c
      To do: compose

    About a code: schema explain <CODE>.
    schema compose: failed: 1 error, 1 hint"
  `);
});

test("no line is wider than 100 columns", () => {
  const lines = renderHuman(failing, { color: false }).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("a result without errors ends in passed; colours are there when asked for, and only then", () => {
  const result: Result = { version: 1, command: "compose", findings: [], done: ["nothing changed"] };
  expect(renderHuman(result, { color: false })).toBe("schema compose: passed: nothing changed");
  expect(renderHuman(result, { color: true })).toContain("\u001B[32mpassed");
});

import { expect, test } from "vitest";
import { lint } from "./workspace.ts";

const folder = "packages/stack/src";

/** A habit, a file that keeps it, and a file that does not. */
const habits = [
  {
    habit: "no default exports",
    rule: "import(no-default-export)",
    kept: { name: "a.config.ts", text: "export default 1;" },
    broken: { name: "start.ts", text: "export default 1;" },
  },
  {
    habit: "kebab-case files",
    rule: "unicorn(filename-case)",
    kept: { name: "a-stack.ts", text: "export const a = 1;" },
    broken: { name: "aStack.ts", text: "export const a = 1;" },
  },
  {
    habit: "three parameters at most",
    rule: "eslint(max-params)",
    kept: { name: "sum.ts", text: "export const sum = (a: number, b: number, c: number) => a + b + c;" },
    broken: {
      name: "sum.ts",
      text: "export const sum = (a: number, b: number, c: number, d: number) => a + b + c + d;",
    },
  },
  {
    habit: "no utils.ts",
    rule: "eslint(no-restricted-imports)",
    kept: { name: "start.ts", text: 'export * from "./ports.ts";' },
    broken: { name: "start.ts", text: 'export * from "./utils.ts";' },
  },
  {
    habit: "no test that keeps others from running",
    rule: "vitest(no-focused-tests)",
    kept: {
      name: "a.test.ts",
      text: 'import { expect, test } from "vitest";\ntest("a", () => expect(1).toBe(1));',
    },
    broken: {
      name: "a.test.ts",
      text: 'import { expect, test } from "vitest";\ntest.only("a", () => expect(1).toBe(1));',
    },
  },
  {
    habit: "no test that expects nothing",
    rule: "vitest(expect-expect)",
    kept: {
      name: "a.test.ts",
      text: 'import { assertType, test } from "vitest";\ntest("a", () => assertType<number>(1));',
    },
    broken: { name: "a.test.ts", text: 'import { test } from "vitest";\ntest("a", () => {});' },
  },
  {
    habit: "no promise left alone",
    rule: "typescript(no-floating-promises)",
    kept: { name: "start.ts", text: "export const a = 1;\nawait Promise.resolve();" },
    broken: { name: "start.ts", text: "export const a = 1;\nPromise.resolve();" },
  },
  {
    habit: "files of 300 lines at most",
    rule: "eslint(max-lines)",
    kept: { name: "list.ts", text: "console.log(1);\n".repeat(300) },
    broken: { name: "list.ts", text: "console.log(1);\n".repeat(301) },
  },
];

test.each(habits)("$habit, by $rule", async ({ rule, kept, broken }) => {
  expect(await lint({ [`${folder}/${kept.name}`]: `${kept.text}\n` })).toEqual([]);
  const found = await lint({ [`${folder}/${broken.name}`]: `${broken.text}\n` });
  expect(found.map((finding) => finding.rule)).toEqual([rule]);
});

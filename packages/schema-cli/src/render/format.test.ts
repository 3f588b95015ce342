import { readFile } from "node:fs/promises";
import path from "node:path";
import Ajv from "ajv-draft-04";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { UsageError } from "../result/fault.ts";
import type { Result } from "../result/finding.ts";
import { formatNames, parseFormats, render } from "./format.ts";
import { renderMarkdown } from "./markdown.ts";
import { clean, everything } from "./result.fixture.ts";

const options = { color: false, now: new Date("2026-05-06T07:08:09Z"), fallback: "schema/schema.config.ts" };
type Name = (typeof formatNames)[number];
const as = (name: Name, result: Result) => render(result, { name, file: null }, options);

describe.each(formatNames)("%s", (name) => {
  test.each([
    ["everything", everything],
    ["clean", clean],
  ])("is as in the golden file: %s", async (kind, result) => {
    await expect(`${as(name, result)}\n`).toMatchFileSnapshot(`golden/${name}-${kind}.golden`);
  });
});

test("human: no line is wider than 80 columns, nothing moves the cursor or commands CI, and the first and last lines have the verdict", () => {
  const lines = as("human", everything).split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  expect(lines.filter((line) => /[\u0000-\u001F]/.test(line))).toEqual([]);
  expect(lines.filter((line) => /^\s*::/.test(line))).toEqual([]);
  expect(lines[0]).toMatch(/^schema check: failed: 1 breaking change, 2 errors, could not look: plan/);
  expect(as("human", everything)).toMatch(
    /\nschema check: failed: 1 breaking change, 2 errors, [^\n]*(\n {2}\S[^\n]*)?$/,
  );
});

test("human: colours are there when asked for, but not in a file", () => {
  const colored = { ...options, color: true };
  expect(render(everything, { name: "human", file: null }, colored)).toContain("\u001B[31m");
  expect(render(everything, { name: "human", file: "a.txt" }, colored)).not.toContain("\u001B[31m");
});

test("json: nothing is left out, however much there is", () => {
  const findings = Array.from({ length: 20_000 }, () => everything.findings).flat();
  const { findings: all, changes } = JSON.parse(as("json", { ...everything, findings })) as Record<
    string,
    unknown[]
  >;
  expect(all?.length).toBe(findings.length);
  expect(changes?.length).toBe(findings.filter(({ code }) => code !== "OPERATION_BROKEN").length);
});

test("github: a finding is one line, whatever its text, and its text starts no command of its own", () => {
  const lines = as("github", everything).split("\n");
  // One for the verdict, one for the step that could not look; the operation is told of with the change that broke it.
  expect(lines).toHaveLength(everything.findings.length + 1);
  expect(lines.filter((line) => !/^::(error|warning|notice) [^:]*::[^\r\n]*$/.test(line))).toEqual([]);
});

test("markdown: stays within GitHub's limit, and says how much is missing", () => {
  const findings = Array.from({ length: 5_000 }, () => everything.findings).flat();
  const text = renderMarkdown({ ...everything, findings });
  expect(text.length).toBeLessThan(65_536);
  expect(text).toMatch(/\n\d+ more; the job's log/);
  expect(text).toContain("Errors (15000)");
});

test("gitlab: every fingerprint is different, and none depends on lines", () => {
  const read = (result: Result) =>
    (JSON.parse(as("gitlab", result)) as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint);
  const prints = read(everything);
  expect(new Set(prints).size).toBe(prints.length);
  const moved = everything.findings.map((finding) => ({
    ...finding,
    places: finding.places.map((place) => ({ ...place, line: 999 })),
  }));
  expect(read({ ...everything, findings: moved })).toEqual(prints);
});

const fixtures = path.join(import.meta.dirname, "../../fixtures");

describe("published schemas", () => {
  test.each([
    ["everything", everything],
    ["clean", clean],
  ])("SARIF 2.1.0 takes %s", async (_, result) => {
    const validate = await sarifSchema();
    expect(validate(as("sarif", result))).toEqual([]);
  });

  test("SARIF's refuses what is not SARIF", async () => {
    const validate = await sarifSchema();
    expect(validate(as("sarif", everything).replace(/"level": "note"/, '"level": "hint"'))).not.toEqual([]);
  });

  test.each([
    ["everything", everything],
    ["clean", clean],
  ])("Jenkins' schema of JUnit reports takes %s", async (_, result) => {
    expect(await junitFaults(as("junit", result))).toEqual([]);
  });

  test("that of JUnit reports refuses what is none", async () => {
    expect(
      await junitFaults(as("junit", everything).replace(/ classname="[^"]*"/, ' class="a"')),
    ).not.toEqual([]);
  });
});

async function sarifSchema() {
  const schema = JSON.parse(await readFile(path.join(fixtures, "sarif-2.1.0-rtm.5.json"), "utf8")) as object;
  const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  return (text: string) => (validate(JSON.parse(text)) ? [] : (validate.errors ?? []));
}

async function junitFaults(xml: string) {
  const schema = await readFile(path.join(fixtures, "jenkins-junit.xsd"), "utf8");
  const { errors } = await validateXML({ xml, schema });
  return errors.map(({ message }) => message);
}

describe("--format", () => {
  test("takes a name, and a name with a file", () => {
    expect(parseFormats(["human", "markdown=out/a=b.md"])).toEqual([
      { name: "human", file: null },
      { name: "markdown", file: "out/a=b.md" },
    ]);
  });

  test.each([[["xml"]], [["json="]], [["json", "human"]], [["json=a", "sarif=a"]], [["constructor"]]])(
    "refuses %j",
    (values) => {
      expect(() => parseFormats(values)).toThrow(UsageError);
    },
  );
});

import { type Finding, type Result, passed } from "../result/finding.ts";
import type { StepReport } from "../result/step-name.ts";
import { headline, verdict } from "../result/summary.ts";
import { at, details } from "./severity.ts";

export interface JunitOptions {
  /** When the run began. */
  now: Date;
}

/**
 * Writes a result as a JUnit report: a suite per step, and in it a test case per finding, failed where the finding is
 * an error. A step without findings is one case that passed; one that could not look is a case with an error.
 * The elements are those on which Jenkins' schema and Ant's agree.
 */
export function renderJunit(result: Result, { now }: JunitOptions): string {
  const { command, findings, steps } = result;
  const groups: { step: StepReport | null; findings: Finding[] }[] = (steps ?? []).map((step) => ({
    step,
    findings: findings.filter((finding) => finding.step === step.name),
  }));
  const rest = findings.filter((finding) => !(steps ?? []).some(({ name }) => name === finding.step));
  if (rest.length > 0 || groups.length === 0) groups.push({ step: null, findings: rest });

  const timestamp = now.toISOString().slice(0, 19);
  const suites = groups.flatMap((group, id) => {
    const name = `schema ${command}${group.step === null ? "" : `.${group.step.name}`}`;
    const cases = group.findings.map((finding) => testCase(name, finding));
    const { errors, skipped, own } = stepCase(name, group.step, cases.length);
    cases.unshift(...own);
    const failures = group.findings.filter(fails).length;
    return [
      `  <testsuite ${attributes({
        name,
        tests: String(cases.length),
        failures: String(failures),
        errors: String(errors),
        time: "0",
        timestamp,
        hostname: "localhost",
        id: String(id),
        package: "schema",
      })}>`,
      `    <properties>`,
      `      <property ${attributes({ name: "passed", value: String(passed(result)) })}/>`,
      `      <property ${attributes({ name: "verdict", value: verdict(result) })}/>`,
      `    </properties>`,
      ...cases.flat(),
      `    <system-out>${escape(skipped)}</system-out>`,
      `    <system-err></system-err>`,
      `  </testsuite>`,
    ];
  });
  return [`<?xml version="1.0" encoding="UTF-8"?>`, `<testsuites>`, ...suites, `</testsuites>`].join("\n");
}

/** What a step itself has to say, besides its findings. */
function stepCase(classname: string, step: StepReport | null, findings: number) {
  if (step?.outcome === "unchecked") {
    const message = attributes({ message: step.reason ?? "could not check", type: "UNCHECKED" });
    const own = [
      [
        `    <testcase ${attributes({ name: "could not check", classname, time: "0" })}>`,
        `      <error ${message}></error>`,
        `    </testcase>`,
      ],
    ];
    return { errors: 1, skipped: "", own };
  }
  const skipped = step?.outcome === "skipped" ? `skipped: ${step.reason ?? ""}` : "";
  if (findings > 0) return { errors: 0, skipped, own: [] };
  const own = [[`    <testcase ${attributes({ name: "nothing found", classname, time: "0" })}/>`]];
  return { errors: 0, skipped, own };
}

/** Whether a finding is a failure of its own; what follows from a change is skipped beside that. */
function fails({ severity, causes }: Finding): boolean {
  return severity === "error" && causes === undefined;
}

function testCase(classname: string, finding: Finding): string[] {
  const name = [finding.code, finding.coordinate].filter((part) => part !== undefined).join(" ");
  const text = [finding.message, ...finding.places.map(at), ...details(finding)].join("\n");
  const head = `    <testcase ${attributes({ name, classname, time: "0" })}>`;
  if (finding.severity !== "error") return [head.replace(/>$/, "/>")];
  if (!fails(finding))
    return [head, `      <skipped>${escape(headline(finding))}</skipped>`, `    </testcase>`];
  return [
    head,
    `      <failure ${attributes({ message: finding.message, type: finding.code })}>${escape(text)}</failure>`,
    `    </testcase>`,
  ];
}

function attributes(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escape(value).replaceAll("\n", "&#10;")}"`)
    .join(" ");
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML text; what XML 1.0 has no character for is left out. */
function escape(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      .replaceAll(/[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu, "")
      .replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
  );
}

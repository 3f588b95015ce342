import { type Finding, type Place, type Result, passed } from "../result/finding.ts";
import { verdict } from "../result/summary.ts";
import { fingerprints } from "./fingerprint.ts";
import { at, details, excuseText, mainPlace, worstFirst } from "./severity.ts";

const levels = { error: "error", warning: "warning", hint: "note" } as const;

/**
 * Writes a result as a SARIF 2.1.0 log. Places of the base are in the text alone: what they were is not in the files
 * that a viewer of the log has. What is excused is there with a suppression.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function renderSarif(result: Result): string {
  const { steps = [], command } = result;
  const findings = worstFirst(result.findings);
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const ids = fingerprints(findings);
  const notifications = steps
    .filter(({ outcome }) => outcome === "unchecked")
    .map(({ name, reason }) => ({
      level: "error",
      descriptor: { id: name },
      message: { text: `could not check: ${name}${reason === undefined ? "" : `: ${reason}`}` },
    }));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: `schema ${command}`, rules: codes.map((id) => ({ id })) } },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: notifications.length === 0,
            exitCodeDescription: verdict(result),
            toolExecutionNotifications: notifications,
            properties: { passed: passed(result) },
          },
        ],
        results: findings.map((finding, index) => ({
          ruleId: finding.code,
          ruleIndex: codes.indexOf(finding.code),
          // What follows from a change is not counted beside it.
          ...(finding.causes === undefined
            ? { level: levels[finding.severity] }
            : { kind: "informational", level: "none" }),
          message: { text: text(finding) },
          locations: locations(finding),
          partialFingerprints: { "schema/v1": ids[index] },
          ...(finding.excuse === undefined
            ? {}
            : {
                suppressions: [
                  { kind: "external", status: "accepted", justification: excuseText(finding.excuse) },
                ],
              }),
        })),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function text(finding: Finding): string {
  const old = finding.places.filter(({ side }) => side === "base").map((place) => `Was at ${at(place)}`);
  return [finding.message, ...old, ...details(finding)].join("\n");
}

function locations(finding: Finding) {
  const logical =
    finding.coordinate === undefined
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: finding.coordinate }] };
  const places = finding.places.filter(({ side }) => side !== "base");
  const only = places.length === 0 ? mainPlace(finding) : undefined;
  if (only !== undefined) places.push(only);
  if (places.length === 0) return "logicalLocations" in logical ? [logical] : [];
  return places.map((place) => ({ physicalLocation: physical(place), ...logical }));
}

function physical({ file, line, column }: Place) {
  const artifactLocation = { uri: file.split("/").map(encodeURIComponent).join("/") };
  if (line === undefined) return { artifactLocation };
  return { artifactLocation, region: { startLine: line, ...(column && { startColumn: column }) } };
}

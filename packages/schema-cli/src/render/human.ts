import picocolors from "picocolors";
import { type Finding, type Place, type Result, passed } from "../result/finding.ts";
import { plural } from "../result/plural.ts";
import { wrap } from "./wrap.ts";

export interface HumanOptions {
  color: boolean;
}

const width = 100;

/** Writes a result for people: findings, then one line that says passed or failed and why. Fits 100 columns. */
export function renderHuman(result: Result, { color }: HumanOptions): string {
  const colors = picocolors.createColors(color);

  const finding = ({ severity, code, message, places, excerpt, advice }: Finding): string => {
    const paint = severity === "error" ? colors.red : colors.yellow;
    const lines = [`${paint(severity)} ${colors.bold(code)}`, ...wrap(message, { width, indent: 2 })];
    lines.push(...table(places).map((line) => colors.cyan(`  ${line}`)));
    for (const line of excerpt ?? []) {
      const text = `    ${line}`;
      lines.push(
        line.startsWith("+")
          ? colors.green(text)
          : line.startsWith("-")
            ? colors.red(text)
            : colors.dim(text),
      );
    }
    if (advice !== undefined) lines.push(`  To do: ${advice}`);
    return lines.join("\n");
  };

  const verdict = passed(result) ? colors.green("passed") : colors.red("failed");
  const counts = [count(result, "error"), count(result, "hint"), ...result.done].filter(
    (text) => text !== "",
  );
  return [
    ...result.findings.map((each) => `${finding(each)}\n`),
    `schema ${result.command}: ${verdict}: ${counts.join(", ")}`,
  ].join("\n");
}

/** Places as a table: the subgraph, then file:line:column. */
function table(places: Place[]): string[] {
  const column = Math.max(0, ...places.map(({ subgraph }) => subgraph?.length ?? 0));
  return places.map((place) => {
    const at = [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
    return column === 0 ? at : `${(place.subgraph ?? "").padEnd(column)}  ${at}`;
  });
}

function count({ findings }: Result, severity: Finding["severity"]): string {
  const number = findings.filter((finding) => finding.severity === severity).length;
  return number === 0 ? "" : plural(number, severity);
}

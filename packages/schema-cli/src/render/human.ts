import picocolors from "picocolors";
import { type Finding, type Place, type Result, type Severity, passed } from "../result/finding.ts";
import { printable } from "./printable.ts";
import { at, details, reasons, summary, worstFirst } from "./severity.ts";
import { wrap } from "./wrap.ts";

export interface HumanOptions {
  color: boolean;
}

const width = 100;

/**
 * Writes a result for people: findings, the worst last so that they are in sight; the steps that did not look, and why;
 * then one line that says passed or failed and why. No line is wider than 100 columns.
 */
export function renderHuman(result: Result, { color }: HumanOptions): string {
  const colors = picocolors.createColors(color);
  const paints: Record<Severity, (text: string) => string> = {
    error: colors.red,
    warning: colors.yellow,
    hint: colors.blue,
  };

  const finding = (each: Finding): string => {
    const { severity, code, coordinate, message, places } = each;
    const name = [code, coordinate].filter((part) => part !== undefined).join(" ");
    const lines = [
      `${paints[severity](severity)} ${wrap(printable(name), { width: width - 8, indent: 0 })
        .map((line) => colors.bold(line))
        .join("\n        ")}`,
      ...wrap(printable(message), { width, indent: 2 }),
      ...table(places).map((line) => colors.cyan(line)),
    ];
    const excerpt = each.excerpt ?? [];
    for (const line of excerpt.map(printable)) {
      const text = clip(`    ${line}`);
      const paint = line.startsWith("+") ? colors.green : line.startsWith("-") ? colors.red : colors.dim;
      lines.push(paint(text));
    }
    for (const line of details(each).slice(excerpt.length)) {
      lines.push(...wrap(printable(line), { width, indent: 2 }));
    }
    return lines.join("\n");
  };

  const notes = reasons(result).flatMap(({ outcome, names, reason }) => {
    const text = `${outcome === "skipped" ? "skipped" : "could not look"}: ${names.join(", ")}: ${reason}`;
    const lines = wrap(printable(text), { width, indent: 0 });
    return lines.map((line) => (outcome === "skipped" ? colors.dim(line) : colors.red(line)));
  });
  if (result.findings.some(({ severity, changeId }) => severity === "error" && changeId !== undefined)) {
    const text = `To let a change pass: schema approve <change> --reason "..." --expires <date>. About a code: schema explain <CODE>.`;
    notes.push(...wrap(text, { width, indent: 0 }).map((line) => colors.dim(line)));
  }
  const verdict = passed(result) ? "passed" : "failed";
  const closing = clip(printable(`schema ${result.command}: ${verdict}: ${summary(result).join(", ")}`));
  const paint = passed(result) ? colors.green : colors.red;
  return [
    ...worstFirst(result.findings)
      .toReversed()
      .map((each) => `${finding(each)}\n`),
    ...notes,
    closing.replace(verdict, paint),
  ].join("\n");
}

/** Places as a table: the subgraph, then file:line:column. */
function table(places: Place[]): string[] {
  const column = Math.max(0, ...places.map(({ subgraph }) => subgraph?.length ?? 0));
  return places.flatMap((place) => {
    const text = column === 0 ? at(place) : `${(place.subgraph ?? "").padEnd(column)}  ${at(place)}`;
    // The padding is there to stay, which `wrap` would take for one space.
    return text.length + 2 <= width ? [printable(`  ${text}`)] : wrap(printable(text), { width, indent: 2 });
  });
}

function clip(text: string): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

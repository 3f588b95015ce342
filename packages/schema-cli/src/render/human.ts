import picocolors from "picocolors";
import { type Finding, type Place, type Result, type Severity, passed } from "../result/finding.ts";
import { printable } from "./printable.ts";
import { headline, ownLines, standing, verdict } from "../result/summary.ts";
import { at, details, reasons, worstFirst } from "./severity.ts";
import { wrap } from "./wrap.ts";

export interface HumanOptions {
  color: boolean;
}

const width = 80;

/**
 * Writes a result for people: whether it passed and why, a line for each change, the worst first, and the steps that did
 * not look; then what there is to say about each change, and the verdict once more, which is what a terminal shows last.
 * No line is wider than 80 columns.
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
      `${paints[severity](severity)} ${wrap(printable(name), {
        width: width - severity.length - 1,
        indent: 0,
      })
        .map((line) => colors.bold(line))
        .join(`\n${" ".repeat(severity.length + 1)}`)}`,
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

  const shown = worstFirst(ownLines(result));
  const column = Math.max(0, ...shown.map((each) => standing(each).length)) + 2;
  const overview = shown.flatMap((each) => {
    const [first = "", ...rest] = wrap(printable(brief(each, width - column)), {
      width: width - column,
      indent: 0,
    });
    const word = standing(each);
    const paint = each.excuse === undefined ? paints[each.severity] : colors.green;
    return [
      `${paint(word)}${" ".repeat(column - word.length)}${first}`,
      ...rest.map((line) => `${" ".repeat(column)}  ${line}`),
    ];
  });
  const notes = reasons(result).flatMap(({ outcome, names, reason }) => {
    const text = `${outcome === "skipped" ? "skipped" : "could not look"}: ${names.join(", ")}: ${reason}`;
    const lines = wrap(printable(text), { width, indent: 0 });
    return lines.map((line) => (outcome === "skipped" ? colors.dim(line) : colors.red(line)));
  });
  const tell = (text: string): string[] => {
    const word = passed(result) ? "passed" : "failed";
    const paint = passed(result) ? colors.green : colors.red;
    // Lines end between clauses.
    const whole = printable(text).replaceAll(/(?<![,:]) /g, "\u00A0");
    const lines = wrap(whole, { width: width - 2, indent: 0 }).map((line) => line.replaceAll("\u00A0", " "));
    const [first = "", ...rest] = lines;
    return [first.replace(word, paint), ...rest.map((line) => `  ${line}`)];
  };

  const sections = [tell(verdict(result, result.done)), overview, notes];
  for (const each of shown) sections.push(finding(each).split("\n"));
  if (shown.length > 0) sections.push([...help(result), ...tell(verdict(result))]);
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** What to do next, where there is something to do. */
function help({ findings }: Result): string[] {
  const text: string[] = [];
  if (findings.some(({ severity, changeId }) => severity === "error" && changeId !== undefined)) {
    text.push('To let a change pass: schema approve <change> --reason "..." --expires <date>.');
  }
  if (findings.length > 0) text.push("About a code: schema explain <CODE>.");
  if (findings.filter(({ severity }) => severity === "hint").length > manyHints) {
    text.push("To leave hints out: --min-severity warning.");
  }
  return text;
}

/** How many hints are too many to read. */
const manyHints = 30;

/** A finding's headline; of what has no coordinate, as much of the message as fits. */
function brief(each: Finding, room: number): string {
  const line = headline(each);
  return each.coordinate !== undefined || line.length <= room ? line : `${line.slice(0, room - 1)}…`;
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

import { type Finding, type Result, passed } from "../result/finding.ts";
import { printable } from "./printable.ts";
import { severities } from "../result/severity.ts";
import { headline, ownLines, standing, summary } from "../result/summary.ts";
import { at, details, reasons, worstFirst } from "./severity.ts";

export interface MarkdownOptions {
  /** How many characters there may be; GitHub takes 65,536 in a comment. */
  limit?: number;
}

const titles = { error: "Errors", warning: "Warnings", hint: "Hints" } as const;

/** Marks our comment on a pull request, so that the next run updates it. */
export const marker = "<!-- tributary schema check -->";

/**
 * Writes a result as GitHub-flavoured Markdown for a comment or a job's summary: the verdict, a line for each change, then
 * what there is to say about each. Findings past the limit are counted.
 */
export function renderMarkdown(result: Result, { limit = 60_000 }: MarkdownOptions = {}): string {
  const word = passed(result) ? "✅ passed" : "❌ failed";
  const shown = ownLines(result);
  const parts = [
    marker,
    `### Schema ${result.command}: ${word}`,
    escape(`${[...summary(result), ...result.done].join(", ")}.`),
  ];
  if (result.base !== undefined) {
    parts.push(`Compared with ${code(result.base.ref)} (${code(result.base.commit.slice(0, 12))}).`);
  }
  for (const { outcome, names, reason } of reasons(result)) {
    if (outcome === "unchecked") parts.push(`❌ could not look (**${names.join(", ")}**): ${escape(reason)}`);
  }
  if (shown.length > 0) parts.push(table(worstFirst(shown), limit / 4));
  let size = parts.join("\n\n").length;
  let left = 0;
  for (const severity of severities) {
    const findings = shown.filter((finding) => finding.severity === severity);
    if (findings.length === 0) continue;
    const items: string[] = [];
    for (const finding of findings) {
      const item = render(finding);
      // Room is left for headings and the line that says what is missing.
      if (size + item.length > limit - 500) left += 1;
      else items.push(item);
      if (items.at(-1) === item) size += item.length + 1;
    }
    const own = findings.filter(({ causes }) => causes === undefined);
    const title = `${titles[severity]} (${own.length})`;
    if (severity === "error") parts.push(`#### ${title}`, ...items);
    else if (items.length > 0) {
      parts.push(`<details><summary>${title}</summary>`, ...items, `</details>`);
    }
  }
  if (left > 0) parts.push(`${left} more; the job's log and its JSON have all of them.`);
  return printable(parts.join("\n\n"));
}

/** A line for each change, as far as they fit into so many characters. */
function table(findings: readonly Finding[], limit: number): string {
  const rows = ["| | |", "| --- | --- |"];
  let size = 0;
  for (const [index, finding] of findings.entries()) {
    const row = `| ${standing(finding)} | ${escape(headline(finding))} |`;
    size += row.length + 1;
    if (size > limit) {
      rows.push(`| | and ${findings.length - index} more |`);
      break;
    }
    rows.push(row);
  }
  return rows.join("\n");
}

function render(finding: Finding): string {
  const name = finding.coordinate === undefined ? "" : ` ${code(finding.coordinate)}`;
  const lines = [`- **${escape(finding.code)}**${name}: ${escape(finding.message)}`];
  for (const place of finding.places) lines.push(`  - ${code(at(place))}`);
  const rest = details(finding);
  if (rest.length > 0) lines.push("", fenced(rest.join("\n")));
  return lines.join("\n");
}

/** Text that means nothing to Markdown: no markup, no HTML, and no mention of anybody. */
function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_{}[\]()#+!|~]/g, (character) => `\\${character}`)
    .replaceAll("@", "&#64;")
    .replaceAll("://", "&#58;//")
    .replaceAll(/\s*\n\s*/g, "<br>");
}

/** Inline code, with a fence longer than any in the text. */
function code(text: string): string {
  const fence = "`".repeat(longest(text) + 1);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${space}${text.replaceAll(/\s*\n\s*/g, " ")}${space}${fence}`;
}

function fenced(text: string): string {
  const fence = "`".repeat(Math.max(3, longest(text) + 1));
  return [fence, ...text.split("\n"), fence].map((line) => `  ${line}`).join("\n");
}

function longest(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

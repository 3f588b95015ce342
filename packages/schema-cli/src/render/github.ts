import { type Finding, type Result, passed } from "../result/finding.ts";
import { ownLines, verdict } from "../result/summary.ts";
import { printable } from "./printable.ts";
import { details, mainPlace, reasons, worstFirst } from "./severity.ts";

const levels = { error: "error", warning: "warning", hint: "notice" } as const;

/**
 * Writes findings as workflow commands, which GitHub shows as annotations beside the lines of a pull request. GitHub
 * shows ten of a level, so the verdict and the worst come first.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function renderGithub(result: Result): string {
  const level = passed(result) ? "notice" : "error";
  const text = data(verdict(result, result.done));
  const findings = worstFirst(ownLines(result));
  const commands = [`::${level} title=${property(`schema ${result.command}`)}::${text}`];
  for (const { outcome, names, reason } of reasons(result)) {
    if (outcome !== "unchecked") continue;
    const what = data(`${names.join(", ")}: ${reason}`);
    commands.push(`::error title=${property("schema check could not look")}::${what}`);
  }
  commands.push(...findings.map(command));
  // Where a step could not look and that is all there is, it is said once.
  const [, ...rest] = commands;
  return (findings.length === 0 && rest.length > 0 ? rest : commands).join("\n");
}

function command(finding: Finding): string {
  const place = mainPlace(finding);
  const properties = {
    file: place?.file,
    line: place?.line,
    col: place?.column,
    title: finding.coordinate === undefined ? finding.code : `${finding.code} ${finding.coordinate}`,
  };
  const list = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(String(value))}`);
  const text = [finding.message, ...details(finding)].join("\n");
  return `::${levels[finding.causes === undefined ? finding.severity : "hint"]} ${list.join(",")}::${data(text)}`;
}

function data(text: string): string {
  return printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

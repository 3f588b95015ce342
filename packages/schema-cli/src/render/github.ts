import type { Finding, Result } from "../result/finding.ts";
import { printable } from "./printable.ts";
import { details, mainPlace, reasons, worstFirst } from "./severity.ts";

const levels = { error: "error", warning: "warning", hint: "notice" } as const;

/**
 * Writes findings as workflow commands, which GitHub shows as annotations beside the lines of a pull request. GitHub
 * shows ten of a level, so the worst come first.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function renderGithub(result: Result): string {
  const commands = worstFirst(result.findings).map(command);
  for (const { outcome, names, reason } of reasons(result)) {
    if (outcome !== "unchecked") continue;
    const text = `${names.join(", ")}: ${reason}`;
    commands.push(`::error title=${property("schema check could not look")}::${data(text)}`);
  }
  return commands.join("\n");
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
  return `::${levels[finding.severity]} ${list.join(",")}::${data(text)}`;
}

function data(text: string): string {
  return printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

import { relative } from "node:path";
import { describeDatabase } from "@tributary/migrate";
import colors from "picocolors";
import { compactJson } from "./compact-json.ts";
import { FLAGSHIP } from "./commands.ts";
import { CONTEXTS } from "./contexts.ts";
import type { FlagshipAnswer } from "./flagship.ts";
import type { Stack, StackEvent } from "./stack.ts";

const WIDTH = 100;
const LABEL = 12;
const ANSWER_LINES = 36;
const count = new Intl.NumberFormat("en-US");
const plural = (number: number, noun: string) => `${count.format(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A step of the start in one line; undefined for what is not told step by step. */
export function progressLine(event: StackEvent): string | undefined {
  switch (event.type) {
    case "databases":
      return row("databases", databasesText(event));
    case "migrated": {
      const applied = CONTEXTS.map(
        (context) => `${context} ${event.applied[context].length || "up to date"}`,
      );
      return row("migrations", applied.join(", "));
    }
    case "seeded": {
      if (!event.result) return row("data", "as it was");
      const { customers, orders, payments } = event.result;
      const made = [plural(customers, "customer"), plural(orders, "order"), plural(payments, "payment")];
      return row("data", `${made.join(", ")}, generated`);
    }
    case "listening":
      return row(event.name, event.url);
    case "stopping":
      return row("stopping", event.what);
    default:
      return undefined;
  }
}

function databasesText({ server, external }: StackEvent & { type: "databases" }): string {
  const theirs = external.length > 0 ? `${external.join(", ")} as named in the environment` : "";
  if (!server) return theirs;
  const ours = `PostgreSQL on 127.0.0.1:${server.port}${server.created ? ", new" : ""}`;
  return theirs ? `${ours}; ${theirs}` : ours;
}

function row(label: string, text: string): string {
  return `  ${colors.dim(label.padEnd(LABEL))}${text}`;
}

/** What somebody needs to know once everything runs. */
export function summaryLines(
  stack: Stack,
  tokens: readonly (readonly [string, string])[],
  answer: FlagshipAnswer | null,
): string[] {
  const base = stack.gatewayUrl.replace("127.0.0.1", "localhost");
  return [
    "",
    heading("Open"),
    row("Sandbox", `${base}/graphql`),
    row("Explorer", `${base}/explorer`),
    row("Endpoint", `POST ${base}/graphql`),
    row("Health", `${base}/health/ready`),
    "",
    heading("Databases"),
    ...CONTEXTS.map((context) => row(context, describeDatabase(stack.databases[context]))),
    ...(stack.adminUrl ? [row("passwords", shortPath(stack.paths.passwords))] : []),
    "",
    ...tokenLines(stack, tokens),
    "",
    ...flagshipLines(stack, answer),
    "",
    "Ctrl-C stops everything.",
  ];
}

function tokenLines(stack: Stack, tokens: readonly (readonly [string, string])[]): string[] {
  if (!stack.localIssuer) return [heading("Tokens"), row("issuer", stack.issuer)];
  return [
    heading("Tokens, for 12 hours: send one as `Authorization: Bearer TOKEN`"),
    colors.dim("  again: npm run -s token -- customer|support|finance|admin [--customer ID]"),
    ...tokens.flatMap(([person, token]) => ["", colors.bold(person), token]),
  ];
}

function flagshipLines(stack: Stack, answer: FlagshipAnswer | null): string[] {
  const title = heading(`Flagship query: ${shortPath(FLAGSHIP)}`);
  if (!stack.localIssuer) return [title, `  send it with a token of ${stack.issuer}`];
  if (!answer) return [title, "  nobody with orders and payments to ask about yet"];
  const body = compactJson(answer.body, WIDTH - 4);
  const more = body.length - ANSWER_LINES;
  return [
    title,
    ...wrapQuery(answer.query).map((line) => colors.dim(`  ${line}`)),
    "",
    heading(`Its answer to customer ${stack.sampleCustomerId}: HTTP ${answer.status}`),
    ...body.slice(0, ANSWER_LINES).map((line) => clip(`  ${line}`)),
    ...(more > 0 ? [colors.dim(`  … and ${plural(more, "line")} more`)] : []),
  ];
}

/** The query without its comments, in lines that can be copied. */
function wrapQuery(query: string): string[] {
  const words = query
    .replaceAll(/^\s*#.*$/gm, "")
    .split(/\s+/)
    .filter(Boolean);
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH - 3)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** From here, where that is shorter. */
function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}

const heading = (text: string) => colors.bold(text);

/** @returns the line, no wider than a terminal */
export function clip(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}

import colors from "picocolors";
import { clip } from "../clip.ts";
import type { Times } from "./order-book.ts";
import type { TrafficFigures } from "./run-traffic.ts";

/** What was asked for, as far as it is shown. */
export interface TrafficTitle {
  /** Orders per second. */
  readonly rate: number;
  readonly durationMs: number | null;
  readonly seed: number;
}

const whole = new Intl.NumberFormat("en-US");
const LABEL = 11;
const MOST_CODES = 6;
const STATUSES = [
  ["PENDING", "CREDIT_RESERVED", "PAYMENT_AUTHORISED"],
  ["CONFIRMED", "FULFILLED"],
  ["REJECTING", "REJECTED", "CANCELLING", "CANCELLED"],
];

/** How the traffic goes: at most 17 lines within 80 columns. */
export function figureLines(title: TrafficTitle, figures: TrafficFigures): string[] {
  const { placed, placingMs, elapsedMs, inFlight, notSent, notPlaced } = figures;
  const length = title.durationMs === null ? "until Ctrl-C" : `for ${seconds(title.durationMs)}`;
  const head = `${title.rate} orders/s ${length}, seed ${title.seed}`;
  const problems = [
    `${whole.format(notSent)} not sent`,
    `${whole.format(notPlaced)} not placed`,
    `${whole.format(inFlight)} in flight`,
  ];
  const { underWay, oldestMs } = figures;
  const lines = [
    `${colors.bold("traffic".padEnd(LABEL))}  ${head}; ${seconds(elapsedMs)} so far`,
    row("orders", `${whole.format(placed)} placed, ${perSecond(placed, placingMs)}; ${problems.join(", ")}`),
    ...STATUSES.map((group, index) => row(index === 0 ? "states" : "", statusText(figures, group))),
    row(
      "refused",
      `${whole.format(figures.refusedForCredit)} for credit, ${whole.format(figures.refusedPayments)} by the payment provider`,
    ),
    row(
      "confirmed",
      `${whole.format(figures.confirmed)}, ${perSecond(figures.confirmed, elapsedMs)}; after ${timesText(figures.toConfirmed)}`,
    ),
    row("answers", `PENDING after ${timesText(figures.toPlaced)}`),
    row("lag", `${whole.format(underWay)} under way, the oldest for ${(oldestMs / 1_000).toFixed(1)} s`),
    ...errorTexts(figures).map((text, index) => row(index === 0 ? "errors" : "", text)),
  ];
  return lines.map((line) => clip(line));
}

/** The head of {@link figureRow}. */
export function figureHead(): string {
  return "  time  placed    /s  not sent  confirmed  p50 ms  p99 ms  under way  oldest s";
}

/** How the traffic goes, in a line of 80 columns. */
export function figureRow(figures: TrafficFigures): string {
  const { placed, placingMs, toConfirmed } = figures;
  const cells: [text: string, width: number][] = [
    [seconds(figures.elapsedMs), 6],
    [String(placed), 8],
    [(placingMs > 0 ? (placed * 1_000) / placingMs : 0).toFixed(1), 6],
    [String(figures.notSent), 10],
    [String(figures.confirmed), 11],
    [milliseconds(toConfirmed.p50), 8],
    [milliseconds(toConfirmed.p99), 8],
    [String(figures.underWay), 11],
    [(figures.oldestMs / 1_000).toFixed(1), 10],
  ];
  return cells.map(([text, width]) => text.padStart(width)).join("");
}

/** The errors so far in a line; null where there are none. */
export function errorLine(figures: TrafficFigures): string | null {
  return figures.errors.size === 0 ? null : clip(`        errors: ${errorTexts(figures).join(", ")}`);
}

/** What to do when the traffic is over. */
export function nextLines({ isAtRest, underWay }: TrafficFigures): string[] {
  const open = `${whole.format(underWay)} ${underWay === 1 ? "order is" : "orders are"} still under way`;
  return [
    ...(isAtRest || underWay === 0 ? [] : [`${open}: npm run messages -- status shows what waits.`]),
    "Next: npm run reconcile compares what the contexts have made of these orders.",
  ];
}

function errorTexts({ errors }: TrafficFigures): string[] {
  if (errors.size === 0) return ["none"];
  const most = [...errors].toSorted(([, one], [, other]) => other - one);
  const texts = most.slice(0, MOST_CODES).map(([code, times]) => `${code} ${whole.format(times)}`);
  return most.length > MOST_CODES ? [...texts, `and ${most.length - MOST_CODES} other codes`] : texts;
}

function statusText({ statuses }: TrafficFigures, group: readonly string[]): string {
  return group.map((status) => `${status} ${whole.format(statuses.get(status) ?? 0)}`).join("  ");
}

function row(label: string, text: string): string {
  return `  ${colors.dim(label.padEnd(LABEL))}${text}`;
}

function perSecond(count: number, forMs: number): string {
  return `${(forMs > 0 ? (count * 1_000) / forMs : 0).toFixed(1)}/s`;
}

function timesText({ p50, p99 }: Times): string {
  return `${milliseconds(p50)} ms (p50), ${milliseconds(p99)} ms (p99)`;
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? "-" : whole.format(Math.round(value));
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

import type { Case, Outcome } from "./outcome.ts";

/** What a run of cases came to. */
export interface Tally {
  cases: number;
  /** Cases where ours had errors. */
  withErrors: number;
  /** Cases where stock's answer was another one, and ours right. */
  stockWrong: number;
  /** Cases that the fast engine did by itself. */
  fast: number;
  callsOfStock: number;
  callsOfOurs: number;
  /** Operations that are not compared, as a plan took too long. */
  readonly unplanned: string[];
  /** How many cases used what of Federation and of the language, and had which faults. */
  readonly features: Record<string, number>;
}

export function createTally(): Tally {
  return {
    cases: 0,
    withErrors: 0,
    stockWrong: 0,
    fast: 0,
    callsOfStock: 0,
    callsOfOurs: 0,
    unplanned: [],
    features: {},
  };
}

interface Counted extends Case {
  readonly used: ReadonlySet<string>;
  readonly stock: Outcome;
  readonly ours: Outcome;
  readonly isStockWrong: boolean;
  readonly isFast: boolean;
}

/** Adds up what two runs came to, in the first one. */
export function addTally(sum: Tally, { features, unplanned, ...counts }: Tally): void {
  sum.unplanned.push(...unplanned);
  for (const [name, count] of Object.entries(counts)) sum[name as keyof typeof counts] += count;
  for (const [name, count] of Object.entries(features))
    sum.features[name] = (sum.features[name] ?? 0) + count;
}

export function countCase(tally: Tally, { used, faults, stock, ours, ...judged }: Counted): void {
  tally.cases++;
  if ((ours.errors?.length ?? 0) > 0) tally.withErrors++;
  if (judged.isStockWrong) tally.stockWrong++;
  if (judged.isFast) tally.fast++;
  tally.callsOfStock += stock.calls.length;
  tally.callsOfOurs += ours.calls.length;
  const features = new Set([...used, ...ours.features, ...faults.names.map((name) => `fault: ${name}`)]);
  if (ours.calls.length === 0) features.add("no call");
  if (ours.calls.some(({ body }) => /_asked_*:/.test(body.query))) features.add("renamed field");
  if (ours.calls.length < stock.calls.length) features.add("fewer calls");
  for (const name of features) tally.features[name] = (tally.features[name] ?? 0) + 1;
}

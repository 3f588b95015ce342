import { isDeepStrictEqual } from "node:util";
import type { GraphQLError } from "graphql";
import type { Outcome } from "./gateways.ts";

/** How two outcomes relate. */
export type Verdict =
  | { readonly kind: "same" }
  /** Where Apollo's gateway breaks the specification or gives up; the reason is one of those in docs/adr/0008-executor.md. */
  | { readonly kind: "known"; readonly reason: KnownDifference }
  | { readonly kind: "different"; readonly what: string };

/** Differences that are meant. Each has a test of its own. */
export type KnownDifference =
  | "stock gave up"
  | "order of merged fragments"
  | "paths of skipped entities"
  | "interface object told"
  | "silent null told"
  | "required field of another type";

/** Stock ends the whole operation where the data has not the shape that it takes for granted. */
const ASSERTION =
  /^(Invalid non-|Invalid empty|Unexpected |Got unexpected|Excepted |\[.*\]\.length|Cannot |.* is not )/;

/**
 * Compares the answers to one operation.
 *
 * Apollo Gateway merges fragments with equal type conditions before it collects their fields, which moves fields
 * forward; the specification's order is that of the fields as they are met. Only operations with fragments may differ.
 */
export function compareOutcomes(query: string, stock: Outcome, ours: Outcome): Verdict {
  if (ours.thrown !== undefined) {
    return stock.thrown?.message === ours.thrown.message
      ? { kind: "same" }
      : { kind: "different", what: `ours threw: ${ours.thrown.stack ?? ours.thrown.message}` };
  }
  if (stock.thrown !== undefined) return { kind: "known", reason: "stock gave up" };
  // A TypeError of its own, not an error of a subgraph: of JavaScript that met a value of another shape.
  const ownFault = (stock.errors ?? []).some((error) => error instanceof TypeError);
  const [first] = stock.errors ?? [];
  const assertion = stock.data === undefined && first !== undefined && ASSERTION.test(first.message);
  if (ownFault || assertion) return { kind: "known", reason: "stock gave up" };
  const [stockData, ourData] = [JSON.stringify(stock.data ?? null), JSON.stringify(ours.data ?? null)];
  if (stockData !== ourData) {
    const reordered = query.includes("...") && isDeepStrictEqual(JSON.parse(stockData), JSON.parse(ourData));
    if (reordered) return { kind: "known", reason: "order of merged fragments" };
    // A client's field of one type and a required one of another, under one name: stock asks for both as one.
    const renamed = ours.calls.some(({ body }) => /_asked_*:/.test(body.query));
    if (renamed) return { kind: "known", reason: "required field of another type" };
    return { kind: "different", what: `data\n stock ${stockData}\n ours  ${ourData}` };
  }
  return compareErrors(stock, ours);
}

function compareErrors(stock: Outcome, ours: Outcome): Verdict {
  const told = (outcome: Outcome, withPath: boolean) => ({
    errors: sorted(outcome.errors ?? [], withPath),
    violations: sorted(outcome.extensions?.valueCompletion ?? [], withPath),
  });
  const same = (withPath: boolean) =>
    JSON.stringify(told(stock, withPath)) === JSON.stringify(told(ours, withPath));
  if (same(true)) return { kind: "same" };
  const unknown = (ours.errors ?? []).some(({ message }) =>
    message.startsWith("Cannot tell the type of an object"),
  );
  if (unknown && stock.errors === undefined) return { kind: "known", reason: "interface object told" };
  const [stockTold, oursTold] = [told(stock, true), told(ours, true)];
  const onlyMore = stockTold.violations.every((violation) => oursTold.violations.includes(violation));
  if (onlyMore && stock.errors === undefined && ours.errors === undefined) {
    return { kind: "known", reason: "silent null told" };
  }
  if (same(false)) return { kind: "known", reason: "paths of skipped entities" };
  const show = (outcome: Outcome) => JSON.stringify(told(outcome, true), null, 1);
  return { kind: "different", what: `errors\n stock ${show(stock)}\n ours  ${show(ours)}` };
}

function sorted(errors: readonly GraphQLError[], withPath: boolean): string[] {
  return errors
    .map(({ message, path, extensions }) => {
      // Ours sends equal representations once, and so counts fewer.
      const text = message.replace(/to contain \d+ elements/, "to contain so many elements");
      return JSON.stringify({ text, code: extensions?.code, ...(withPath ? { path } : {}) });
    })
    .sort();
}

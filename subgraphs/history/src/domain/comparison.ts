import type { HistoryEntry, HistoryHead, StoredPart } from "./history-change.ts";

/** Tells in which parts a head differs from the same one made anew; `changedAt` alone may, as rows do not have it all. */
export function headDifferences(live: HistoryHead | null, made: HistoryHead | null): string[] {
  if (live === null) return ["it is not in the view"];
  if (made === null) return ["it is in the view alone"];
  return [
    ...partDifferences("customer", live.customer, made.customer),
    ...valueDifferences("held credit", live.held, made.held),
    ...valueDifferences("entries", live.entryCount, made.entryCount),
    ...valueDifferences("orders", live.orderCount, made.orderCount),
    ...valueDifferences("payments", live.paymentCount, made.paymentCount),
  ];
}

/** Tells in which parts a segment differs from the same one made anew. */
export function entryDifferences(live: HistoryEntry | null, made: HistoryEntry | null): string[] {
  if (live === null) return ["it is not in the view"];
  if (made === null) return ["it is in the view alone"];
  const parts = [...new Set([...Object.keys(live.parts), ...Object.keys(made.parts)])].toSorted();
  return [
    ...valueDifferences("customer", live.customerId, made.customerId),
    ...valueDifferences("place in the list", live.listedAt, made.listedAt),
    ...parts.flatMap((part) => partDifferences(part, live.parts[part] ?? null, made.parts[part] ?? null)),
  ];
}

function partDifferences(part: string, live: StoredPart | null, made: StoredPart | null): string[] {
  if (live === null || made === null) {
    if (live === made) return [];
    return [
      `${part} is ${live === null ? "missing" : "there"}, and made anew it is ${made === null ? "missing" : "there"}`,
    ];
  }
  if (live.version !== made.version)
    return [`${part} has version ${live.version}, and made anew it has version ${made.version}`];
  return Object.keys({ ...live.value, ...made.value }).flatMap((field) =>
    valueDifferences(`${part} ${field}`, live.value[field], made.value[field]),
  );
}

function valueDifferences(what: string, live: unknown, made: unknown): string[] {
  const [one, other] = [canonical(live), canonical(made)];
  return one === other ? [] : [`${what} is ${one}, and made anew it is ${other}`];
}

/** JSON with names in order: stores keep them in an order of their own. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === "object" && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
        : each,
    ) ?? "nothing"
  );
}

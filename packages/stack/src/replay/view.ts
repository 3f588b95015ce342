import type { ReplayHistoryResult, ViewDifference } from "@tributary/history/load";
import type { ReplayDifference, ReplayResult } from "@tributary/order/load";
import colors from "picocolors";
import { clip } from "../clip.ts";

const count = new Intl.NumberFormat("en-US");
const MOST_PARTS = 3;

/** One order that differs: a few lines within 80 columns. */
export function differenceLines({ orderId, number, what, isRebuilt }: ReplayDifference): string[] {
  const more = what.length - MOST_PARTS;
  return [
    clip(`${colors.bold(`A4 order ${orderId}`)} (${number})${isRebuilt ? ", written anew" : ""}`),
    ...what.slice(0, MOST_PARTS).map((part) => clip(`  ${part}`)),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** What came of it all. */
export function replayLines(
  { orders, differing, rebuilt }: ReplayResult,
  { checkOnly, mostShown }: { checkOnly: boolean; mostShown: number },
): string[] {
  const lines = differing > mostShown ? [`${count.format(differing - mostShown)} more are not shown.`] : [];
  if (differing === 0) return [`${count.format(orders)} orders are what their events make.`];
  lines.push(`${count.format(differing)} of ${count.format(orders)} orders are not what their events make.`);
  if (checkOnly) return [...lines, "npm run replay -- order writes those anew whose events are whole."];
  lines.push(`${count.format(rebuilt)} were written anew.`);
  if (rebuilt < differing)
    lines.push("The others have events that are missing or do not follow: restore order_events.");
  return lines;
}

/** A part of the history that differs: a few lines within 80 columns. */
export function viewDifferenceLines({ kind, id, what }: ViewDifference): string[] {
  const more = what.length - MOST_PARTS;
  return [
    clip(colors.bold(`Q5 ${kind} ${id}`)),
    ...what.slice(0, MOST_PARTS).map((part) => clip(`  ${part}`)),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** What came of the history. */
export function historyLines(
  { read, compared, differing }: ReplayHistoryResult,
  { checkOnly, mostShown }: { checkOnly: boolean; mostShown: number },
): string[] {
  const parts = Object.entries(read).map(([source, items]) => `${count.format(items)} ${source}`);
  if (!checkOnly) return [`The history was made anew from ${parts.join(", ")}, and is live.`];
  const lines = differing > mostShown ? [`${count.format(differing - mostShown)} more are not shown.`] : [];
  if (differing === 0)
    return [`${count.format(compared)} customers and entries are what ${parts.join(", ")} make.`];
  return [
    ...lines,
    `${count.format(differing)} of ${count.format(compared)} customers and entries are not what their events make.`,
    "npm run replay -- history makes them anew.",
  ];
}

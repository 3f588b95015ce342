import type { Reconciliation } from "./reconciliation.ts";
import { agrees } from "./reconciliation.ts";

/**
 * The reconciliation as a table of text for people, at most 100 columns wide (amounts below 10^13 provided).
 *
 * @returns lines, without line ends
 */
export function viewReconciliation({ files, services }: Reconciliation): string[] {
  const fileRows = files.map((file) => [
    file.file,
    count(file.read),
    file.added === null ? "-" : count(file.added),
    file.unchanged === null ? "-" : count(file.unchanged),
    count(file.rejected),
    file.readMinor === null ? "-" : amount(file.readMinor),
    file.readMinor === null ? "-" : amount(file.rejectedMinor),
  ]);
  const serviceRows = services.map((figures) => [
    figures.service,
    figures.what,
    count(figures.expected),
    count(figures.standing),
    amount(figures.expectedMinor),
    amount(figures.standingMinor),
    agrees(figures) ? "agrees" : "DIFFERS",
  ]);
  const notes = services.flatMap((figures) => {
    const name = `${figures.service} ${figures.what}`;
    return [
      ...(figures.changedSince > 0
        ? [`${count(figures.changedSince)} of ${name} were changed here since`]
        : []),
      ...(figures.differing.length > 0
        ? [`of ${name} these are not as the files have them: ${figures.differing.join(", ")}`]
        : []),
    ];
  });
  return [
    ...table(["file", "read", "new", "unchanged", "rejected", "amount read", "rejected"], fileRows, 1),
    "",
    ...table(["service", "", "rows: files", "service", "amount: files", "service", ""], serviceRows, 2),
    ...(notes.length > 0 ? ["", ...notes] : []),
  ];
}

/** @param left how many columns, from the first, are aligned left; the others are aligned right */
function table(header: readonly string[], rows: readonly (readonly string[])[], left: number): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
  return [lines[0]!, rule, ...lines.slice(1)];
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** 960419061n -> 9,604,190.61, by the digits: no fraction is computed with. */
export function amount(minor: bigint): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, "0");
  const whole = BigInt(digits.slice(0, -2)).toLocaleString("en-US");
  return `${minor < 0n ? "-" : ""}${whole}.${digits.slice(-2)}`;
}

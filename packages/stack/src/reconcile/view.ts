import colors from "picocolors";
import { clip } from "../clip.ts";
import type { ReconcileResult } from "./reconcile.ts";
import type { Repair } from "./repair.ts";
import type { Finding } from "./rules.ts";

const count = new Intl.NumberFormat("en-US");

/** A finding: three lines within 80 columns. */
export function findingLines({ rule, subject, what, mend }: Finding): string[] {
  return [clip(`${colors.red(rule)} ${colors.bold(subject)}`), clip(`   ${what}`), clip(`   mend: ${mend}`)];
}

/** A finding that is left to somebody, and why: four lines within 80 columns. */
export function leftLines(finding: Finding, why: string): string[] {
  return [
    ...findingLines(finding).slice(0, 2),
    clip(`   not touched: ${why}`),
    clip(`   mend: ${finding.mend}`),
  ];
}

/** What was done about something, or why nothing was: two lines within 80 columns. */
export function repairLines({ subject, isDone, what }: Repair): string[] {
  const word = isDone ? colors.green("mended") : colors.red("left  ");
  return [clip(`${word} ${colors.bold(subject)}`), clip(`   ${what}`)];
}

/** What came of it all. */
export function resultLines(result: ReconcileResult): string[] {
  const { orders, payments, reservations, customers, underWay, findings, isWhole } = result;
  const lines = [
    `${count.format(orders)} orders, ${count.format(payments)} payments, ${count.format(reservations)} reservations, ${count.format(customers)} customers`,
  ];
  if (underWay > 0) lines.push(`${count.format(underWay)} orders are under way, and were not compared.`);
  if (!isWhole) lines.push("Stopped: --limit allows no more findings. There may be more.");
  lines.push(
    findings === 0
      ? colors.green("The contexts agree.")
      : colors.red(`${count.format(findings)} ${findings === 1 ? "finding" : "findings"}.`),
  );
  return lines;
}

import colors from "picocolors";
import type { MigrationEntry, MigrationState } from "./history.ts";

const COLOUR: Record<MigrationState, (text: string) => string> = {
  applied: colors.green,
  pending: colors.yellow,
  failed: colors.red,
  edited: colors.red,
  missing: colors.red,
};

/** One aligned line per migration, and one more with the reason of each that failed. */
export function statusLines(entries: readonly MigrationEntry[]): string[] {
  if (entries.length === 0) return ["  no migrations"];
  const width = Math.max(...entries.map(({ name }) => name.length));
  return entries.flatMap(({ name, state, at, reason }) => {
    const when = at ? at.toISOString().replace("T", " ").slice(0, 19) : "";
    const line = `  ${name.padEnd(width)}  ${COLOUR[state](state.padEnd(7))}  ${colors.dim(when)}`.trimEnd();
    return reason ? [line, `    ${reason.replaceAll("\n", "\n    ")}`] : [line];
  });
}

import type { Work } from "../works.ts";
import { cpuRatio, type Row } from "./row.ts";

/** What was measured on one work. */
export interface WorkResult {
  readonly work: Work;
  readonly rows: readonly Row[];
}

/** Every aim beside what was measured: how many times less CPU than stock, and memory below stock's. */
export function renderAims(results: readonly WorkResult[]): string {
  const lines = results.flatMap(({ work, rows }) => {
    const stock = rows.find(({ contestant }) => contestant.key === "stock");
    if (stock === undefined) return [];
    const ratios = rows.flatMap((row) => {
      const aim = row.contestant.aim?.(work);
      if (aim === undefined) return [];
      const ratio = cpuRatio(stock, row);
      return [
        line(`${work.key}: CPU, ${row.contestant.name}`, {
          aim: `${aim}x`,
          measured: `${ratio.toFixed(1)}x`,
          met: ratio >= aim,
        }),
      ];
    });
    const ours = rows.find(({ contestant }) => contestant.key === "ours");
    if (ours === undefined) return ratios;
    const [most, measured] = [stock.usage.peakMegabytes, ours.usage.peakMegabytes];
    return [
      ...ratios,
      line(`${work.key}: peak of resident memory, ${ours.contestant.name}`, {
        aim: `< ${most.toFixed(0)} MB`,
        measured: `${measured.toFixed(0)} MB`,
        met: measured < most,
      }),
    ];
  });
  return ["", "Aims".padEnd(64) + "aim".padStart(10) + "measured".padStart(12), ...lines].join("\n");
}

function line(
  name: string,
  { aim, measured, met }: { readonly aim: string; readonly measured: string; readonly met: boolean },
): string {
  return `${name.padEnd(64)}${aim.padStart(10)}${measured.padStart(12)}  ${met ? "met" : "not yet"}`;
}

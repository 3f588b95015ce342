import type { ColdTimes } from "../cold/measure-cold.ts";

const LINES = [
  ["supergraph's text to a gateway that takes requests", "load"],
  ["plan of the first operation, the public benchmark's", "plan"],
  ["from the plan to the first call: ours compiles here", "compile"],
  ["first request to its answer", "firstAnswer"],
] as const satisfies readonly (readonly [string, keyof ColdTimes])[];

/** A table of the first steps, in milliseconds. */
export function renderCold({ stock, ours }: Readonly<Record<"stock" | "ours", ColdTimes>>): string {
  return [
    "",
    cells("Cold, in ms", "stock", "ours"),
    ...LINES.map(([label, key]) => cells(label, stock[key].toFixed(1), ours[key].toFixed(1))),
  ].join("\n");
}

/** What each contestant took from the start of its process to its first answer. */
export function renderReady(ready: readonly (readonly [name: string, milliseconds: number])[]): string {
  return [
    "",
    "Start of the process to its first answer, in ms",
    ...ready.map(([name, milliseconds]) => cells(name, milliseconds.toFixed(0))),
  ].join("\n");
}

function cells(label: string, ...figures: readonly string[]): string {
  return label.padEnd(60) + figures.map((figure) => figure.padStart(12)).join("");
}

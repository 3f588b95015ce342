import type { Sample } from "../measure.ts";
import type { Work } from "../works.ts";
import { cpuRatio, medianOf, type Row } from "./row.ts";
import { spread } from "./statistics.ts";

interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: Row) => string;
}

/**
 * A table of one work, up to 100 columns wide: medians of the rounds. CPU is user and system time of the process for each
 * request; its spread is half of the range of the rounds.
 */
export function renderWork(work: Work, rows: readonly Row[]): string {
  const figure = (pick: (sample: Sample) => number, digits: number) => (row: Row) =>
    medianOf(row, pick).toFixed(digits);
  const ratioTo = (key: string) => {
    const base = rows.find(({ contestant }) => contestant.key === key);
    return (row: Row) => (base === undefined ? "" : cpuRatio(base, row).toFixed(1));
  };
  const cpu = (sample: Sample) => sample.cpuMillisecondsPerRequest;
  const columns: Column[] = [
    { title: "", width: 30, cell: ({ contestant }) => contestant.name },
    { title: "CPU ms", width: 7, cell: figure(cpu, 3) },
    { title: "±", width: 4, cell: ({ samples }) => `${(spread(samples.map(cpu)) * 100).toFixed(0)}%` },
    { title: "stock x", width: 7, cell: ratioTo("stock") },
    { title: "aim", width: 3, cell: ({ contestant }) => contestant.aim?.(work)?.toString() ?? "" },
    { title: "bare x", width: 6, cell: ratioTo("stock-bare") },
    { title: "req/s", width: 6, cell: figure((sample) => sample.requests / sample.seconds, 0) },
    { title: "p50 ms", width: 6, cell: figure((sample) => sample.p50Milliseconds, 1) },
    { title: "p99 ms", width: 6, cell: figure((sample) => sample.p99Milliseconds, 1) },
    { title: "calls", width: 5, cell: figure((sample) => sample.callsPerRequest, 2) },
    { title: "peak", width: 4, cell: ({ usage }) => usage.peakMegabytes.toFixed(0) },
    { title: "MB", width: 4, cell: ({ usage }) => usage.residentMegabytes.toFixed(0) },
  ];
  const line = (cell: (column: Column) => string) =>
    columns
      .map((column, index) =>
        index === 0 ? cell(column).padEnd(column.width) : cell(column).padStart(column.width),
      )
      .join(" ");
  return [
    "",
    `${work.name} (${((rows[0]?.bytes ?? 0) / 1000).toFixed(1)} KB)`,
    line(({ title }) => title),
    ...rows.map((row) => line(({ cell }) => cell(row))),
    ...rows.flatMap(({ contestant, samples }) => {
      if (!work.ownToken) return [];
      const least = Math.min(...samples.map(({ callsPerToken }) => callsPerToken[0]));
      const most = Math.max(...samples.map(({ callsPerToken }) => callsPerToken[1]));
      return least === most ? [] : [`  ${contestant.name}: ${least} to ${most} calls a request`];
    }),
  ].join("\n");
}

import type { Contestant } from "../contestants/contestants.ts";
import type { Sample } from "../measure.ts";
import type { Usage } from "../usage.ts";
import type { Work } from "../works.ts";
import { median, spread } from "./statistics.ts";

/** What was measured of one contestant on one work. */
export interface Row {
  readonly contestant: Contestant;
  /** One for each round. */
  readonly samples: readonly Sample[];
  readonly bytes: number;
  /** At the end. */
  readonly usage: Usage;
  readonly readyMilliseconds: number;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: Row) => string;
}

/**
 * A table of one work, 100 columns wide: medians of the rounds. CPU is user and system time of the process for each
 * request; its spread is half of the range of the rounds.
 */
export function renderWork(work: Work, rows: readonly Row[]): string {
  const cpu = ({ samples }: Row) => median(samples.map((sample) => sample.cpuMillisecondsPerRequest));
  const stockCpu = cpuOf(rows, "stock", cpu);
  const bareCpu = cpuOf(rows, "stock-bare", cpu);
  const figure = (pick: (sample: Sample) => number, digits: number) => (row: Row) =>
    median(row.samples.map(pick)).toFixed(digits);
  const ratio = (base: number | undefined) => (row: Row) =>
    base === undefined ? "" : (base / cpu(row)).toFixed(1);
  const columns: Column[] = [
    { title: "", width: 30, cell: ({ contestant }) => contestant.name },
    { title: "CPU ms", width: 7, cell: (row) => cpu(row).toFixed(3) },
    {
      title: "±",
      width: 4,
      cell: ({ samples }) =>
        `${(spread(samples.map((sample) => sample.cpuMillisecondsPerRequest)) * 100).toFixed(0)}%`,
    },
    { title: "stock x", width: 7, cell: ratio(stockCpu) },
    { title: "aim", width: 3, cell: ({ contestant }) => contestant.aim?.(work)?.toString() ?? "" },
    { title: "bare x", width: 6, cell: ratio(bareCpu) },
    { title: "req/s", width: 6, cell: figure((sample) => sample.requests / sample.seconds, 0) },
    { title: "p50 ms", width: 6, cell: figure((sample) => sample.p50Milliseconds, 1) },
    { title: "p99 ms", width: 6, cell: figure((sample) => sample.p99Milliseconds, 1) },
    { title: "calls", width: 5, cell: figure((sample) => sample.callsPerRequest, 2) },
    { title: "peak MB", width: 4, cell: ({ usage }) => usage.peakMegabytes.toFixed(0) },
    { title: "end", width: 4, cell: ({ usage }) => usage.residentMegabytes.toFixed(0) },
  ];
  const line = (cell: (column: Column) => string) =>
    columns
      .map((column, index) =>
        index === 0 ? cell(column).padEnd(column.width) : cell(column).padStart(column.width),
      )
      .join(" ");
  const size = (rows[0]?.bytes ?? 0) / 1000;
  return [
    "",
    `${work.name} (${size.toFixed(1)} KB)`,
    line(({ title, width }) => title.slice(0, width)),
    ...rows.map((row) => line(({ cell }) => cell(row))),
  ].join("\n");
}

function cpuOf(rows: readonly Row[], key: Contestant["key"], cpu: (row: Row) => number): number | undefined {
  const row = rows.find(({ contestant }) => contestant.key === key);
  return row === undefined ? undefined : cpu(row);
}

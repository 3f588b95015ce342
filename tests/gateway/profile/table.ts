import type { Sums } from "./rooms.ts";

/** A profile of one work. */
export interface WorkProfile {
  readonly key: string;
  /** While the CPU was profiled. */
  readonly requests: number;
  readonly rooms: Sums;
  readonly functions: Sums;
  /** Bytes that outlived the young generation while `survivorRequests` were answered. */
  readonly survivors: Sums;
  readonly survivorRequests: number;
}

const LEAST_PART = 0.01;
const FUNCTIONS = 15;

/** Rooms by works: microseconds for each request, and the part of the whole in percent. What is less than 1 in each is summed up. */
export function renderRooms(profiles: readonly WorkProfile[]): string {
  const totals = profiles.map(({ rooms }) => total(rooms));
  const part = (room: string, index: number) =>
    (profiles[index]?.rooms.get(room) ?? 0) / (totals[index] ?? 1);
  const all = [...new Set(profiles.flatMap(({ rooms }) => [...rooms.keys()]))];
  const shown = all
    .filter((room) => profiles.some((_, index) => part(room, index) >= LEAST_PART))
    .sort((a, b) => (profiles[0]?.rooms.get(b) ?? 0) - (profiles[0]?.rooms.get(a) ?? 0));
  const cells = (label: string, figures: readonly (readonly [string, string])[]) =>
    label.padEnd(42) + figures.map(([time, percent]) => time.padStart(9) + percent.padStart(5)).join("");
  const row = (label: string, rooms: readonly string[]) =>
    cells(
      label,
      profiles.map((profile, index) => {
        const time = rooms.reduce((sum, room) => sum + (profile.rooms.get(room) ?? 0), 0);
        return [
          (time / profile.requests).toFixed(1),
          `${((time / (totals[index] ?? 1)) * 100).toFixed(0)}%`,
        ] as const;
      }),
    );
  return [
    "us for each request".padEnd(42) + profiles.map(({ key }) => key.padStart(14)).join(""),
    ...shown.map((room) => row(room, [room])),
    row(
      "all the rest",
      all.filter((room) => !shown.includes(room)),
    ),
    row("sum", all),
  ].join("\n");
}

/** The functions that take most of one work's time themselves. */
export function renderFunctions({ key, functions, requests }: WorkProfile): string {
  return [`${key}: functions, us for each request`, ...topOf(functions, requests)].join("\n");
}

/** The functions that made most of what outlived the young generation: it is copied twice, and collected late. */
export function renderSurvivors({ key, survivors, survivorRequests }: WorkProfile): string {
  const bytes = total(survivors) / survivorRequests;
  return [
    `${key}: outlives the young generation, ${bytes.toFixed(0)} bytes for each request`,
    ...topOf(survivors, survivorRequests),
  ].join("\n");
}

function topOf(sums: Sums, requests: number): string[] {
  const whole = total(sums);
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FUNCTIONS)
    .map(
      ([name, sum]) =>
        `${(sum / requests).toFixed(1).padStart(9)}${`${((sum / whole) * 100).toFixed(0)}%`.padStart(5)}  ${name.slice(0, 84)}`,
    );
}

function total(sums: Sums): number {
  return [...sums.values()].reduce((sum, each) => sum + each, 0);
}

import type { TimeByRoom } from "./rooms.ts";

/** A profile of one work. */
export interface WorkProfile {
  readonly key: string;
  /** Measured without the profiler. */
  readonly requests: number;
  readonly rooms: TimeByRoom;
  readonly functions: TimeByRoom;
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
  const whole = total(functions);
  return [
    `${key}: functions, us for each request`,
    ...[...functions]
      .sort(([, a], [, b]) => b - a)
      .slice(0, FUNCTIONS)
      .map(
        ([name, time]) =>
          `${(time / requests).toFixed(1).padStart(9)}${`${((time / whole) * 100).toFixed(0)}%`.padStart(5)}  ${name.slice(0, 84)}`,
      ),
  ].join("\n");
}

function total(times: TimeByRoom): number {
  return [...times.values()].reduce((sum, time) => sum + time, 0);
}

import type { WriteStream } from "node:tty";
import { Presets, SingleBar } from "cli-progress";

/** How far something is: a bar on a terminal, and nothing elsewhere. */
export interface Progress {
  update(done: number, total: number): void;
  /** Takes the bar away while something is printed. */
  print(work: () => void): void;
  /** Leaves the terminal as it was found. Again is no fault. */
  stop(): void;
}

export function createProgress(stream: WriteStream, title: string): Progress {
  if (!stream.isTTY) return { update() {}, print: (work) => work(), stop() {} };
  const bar = new SingleBar(
    {
      stream,
      format: `${title} [{bar}] {percentage}%, {value} of {total}, {eta_formatted} left`,
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.legacy,
  );
  let last: [done: number, total: number] | null = null;
  return {
    update(done, total) {
      if (last === null) bar.start(Math.max(total, 1), done);
      last = [done, total];
      bar.setTotal(Math.max(total, 1));
      bar.update(done);
    },
    print(work) {
      if (last !== null) bar.stop();
      work();
      if (last !== null) bar.start(Math.max(last[1], 1), last[0]);
    },
    stop() {
      if (last !== null) bar.stop();
      last = null;
    },
  };
}

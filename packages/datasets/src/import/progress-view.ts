import type { WriteStream } from "node:tty";
import { Presets, SingleBar } from "cli-progress";
import type { ImportProgress } from "./import-directory.ts";

export interface ProgressView {
  update(progress: ImportProgress): void;
  /** Leaves the terminal as it was found. */
  stop(): void;
}

const TITLES = { read: "reading", load: "loading", check: "reconciling" } as const;

/** Shows how far an import is: a bar on a terminal, else a line for each file and table. */
export function createProgressView(stream: Pick<WriteStream, "write" | "isTTY">): ProgressView {
  return stream.isTTY ? createBar(stream as WriteStream) : createLines(stream);
}

function createBar(stream: WriteStream): ProgressView {
  const bar = new SingleBar(
    { stream, format: "{title} [{bar}] {percentage}%", hideCursor: true, clearOnComplete: true },
    Presets.legacy,
  );
  let started = false;
  return {
    update: ({ step, what, done, total }) => {
      const title = `${TITLES[step]} ${what}`.padEnd(26);
      if (!started) bar.start(Math.max(total, 1), done, { title });
      started = true;
      bar.setTotal(Math.max(total, 1));
      bar.update(total === 0 ? 1 : done, { title });
    },
    stop: () => bar.stop(),
  };
}

function createLines(stream: Pick<WriteStream, "write">): ProgressView {
  let last = "";
  return {
    update: ({ step, what }) => {
      const line = `${TITLES[step]} ${what}`.trim();
      if (line !== last) stream.write(`${line}\n`);
      last = line;
    },
    stop: () => {},
  };
}

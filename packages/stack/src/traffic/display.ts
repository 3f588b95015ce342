import type { WriteStream } from "node:tty";
import type { TrafficFigures } from "./run-traffic.ts";
import { errorLine, figureHead, figureLines, figureRow, type TrafficTitle } from "./view.ts";

/** Shows figures: in place on a terminal, elsewhere as a line every few seconds. */
export interface TrafficDisplay {
  show(figures: TrafficFigures): void;
  /** Leaves the last figures standing. */
  end(figures: TrafficFigures): void;
}

const EVERY_MS = 5_000;

export function createDisplay(
  stream: Pick<WriteStream, "isTTY" | "write">,
  title: TrafficTitle,
): TrafficDisplay {
  return stream.isTTY ? inPlace(stream, title) : lineByLine(stream, title);
}

function inPlace(stream: Pick<WriteStream, "write">, title: TrafficTitle): TrafficDisplay {
  let height = 0;
  const show = (figures: TrafficFigures): void => {
    const lines = figureLines(title, figures);
    const back = height > 0 ? `\x1b[${height}A` : "";
    // Each line is cleared behind its text, and what stood below the last one.
    stream.write(`${back}${lines.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`);
    height = lines.length;
  };
  return { show, end: show };
}

function lineByLine(stream: Pick<WriteStream, "write">, title: TrafficTitle): TrafficDisplay {
  let next = 0;
  let errors: string | null = null;
  return {
    show(figures) {
      if (figures.elapsedMs < next) return;
      const line = errorLine(figures);
      if (next === 0) stream.write(`${figureHead()}\n`);
      stream.write(`${figureRow(figures)}\n`);
      if (line !== errors) stream.write(`${line}\n`);
      errors = line;
      next = figures.elapsedMs + EVERY_MS;
    },
    end(figures) {
      stream.write(`\n${figureLines(title, figures).join("\n")}\n`);
    },
  };
}

import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";

/** pino's number for a warning; errors are above. */
const WARN = 40;
const KEPT = 20_000;

export interface ChildLog {
  /** Reads a stream of the child, by lines. */
  read(stream: Readable): void;
  /** The lines so far; the oldest go when there are very many. */
  lines(): readonly string[];
  close(): void;
}

/**
 * Writes what a child prints to its file, and hands on each line, with what of it a person should see: warnings, errors
 * and whatever is no log line.
 *
 * @param file is added to; made where it is missing
 */
export function openChildLog(
  file: string,
  onLine: (line: string, trouble: string | undefined) => void,
): ChildLog {
  mkdirSync(dirname(file), { recursive: true });
  const output = createWriteStream(file, { flags: "a" });
  output.on("error", () => {}); // a full disk ends the log, not the stack
  const lines: string[] = [];
  const take = (line: string) => {
    if (line.trim() === "") return;
    lines.push(line);
    if (lines.length > KEPT) lines.splice(0, KEPT / 10);
    output.write(`${line}\n`);
    onLine(line, troubleIn(line));
  };
  return {
    lines: () => lines,
    close: () => void output.end(),
    read(stream) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (chunk: string) => {
        const parts = (rest + chunk).split("\n");
        rest = parts.pop() ?? "";
        parts.forEach(take);
      });
      stream.on("end", () => take(rest));
    },
  };
}

/** What a person should see of a line: undefined for the log lines of every day. */
function troubleIn(line: string): string | undefined {
  let entry: { level?: number; msg?: string; err?: { message?: string } };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    return line;
  }
  if (typeof entry?.level !== "number" || entry.level < WARN) return undefined;
  return [entry.msg, entry.err?.message].filter(Boolean).join(": ");
}

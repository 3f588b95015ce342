import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { readJson } from "./private-file.ts";

const Holder = z.object({ pid: z.int(), began: z.string() });

/**
 * Takes a folder for one process. A file that a killed process left counts for nothing, also when its process id is
 * another program's by now.
 *
 * @returns what gives it back, or the process id of who has it
 */
export function takeRunLock(file: string): { release: () => void } | { heldBy: number } {
  mkdirSync(dirname(file), { recursive: true });
  const own = JSON.stringify({ pid: process.pid, began: beginOf(process.pid) });
  for (;;) {
    try {
      writeFileSync(file, own, { flag: "wx", mode: 0o600 });
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const heldBy = runLockHolder(file);
    if (heldBy !== undefined) return { heldBy };
    rmSync(file, { force: true });
  }
}

/** The process id of who has the folder; undefined if nobody does. */
export function runLockHolder(file: string): number | undefined {
  try {
    const { pid, began } = Holder.parse(readJson(file));
    return beginOf(pid) === began ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** When a process began, in its system's own words: with the id, this names it once and for all. "" if there is none. */
function beginOf(pid: number): string {
  try {
    if (process.platform === "linux") {
      // The 22nd field of proc(5)'s stat; the second one, the name, may hold spaces.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

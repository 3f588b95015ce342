import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PostgresError } from "./error.ts";

/**
 * Clears up after a server whose owner was killed: stops it where it still runs, and removes a `postmaster.pid` that
 * names a process which is another program's by now (PostgreSQL would take that for a running server).
 */
export async function clearLeftOver(folder: string): Promise<void> {
  const file = join(folder, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const isPid = Number.isInteger(pid) && pid > 1;
  // PostgreSQL sees itself that a server is gone. By its file it also sees whether sessions of that one are still at
  // work in the folder, which a new server must not join: the file stays.
  if (isPid && !isAlive(pid)) return;
  if (!isPid || !servesFolder(pid, folder)) {
    rmSync(file, { force: true });
    return;
  }
  for (const [signal, seconds] of [["SIGINT", 15] as const, ["SIGQUIT", 10] as const]) {
    if (!signalTo(pid, signal)) return;
    for (let waited = 0; waited < seconds * 1000; waited += 50) {
      if (!isAlive(pid)) return;
      await sleep(50);
    }
  }
  throw new PostgresError(
    `a PostgreSQL server of an earlier run (process ${pid}) does not stop: end it, then start again`,
  );
}

/** Whether a process with that id is a PostgreSQL server of this folder. */
function servesFolder(pid: number, folder: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
    const command = execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    return command.includes("postgres") && command.includes(folder);
  } catch {
    return false;
  }
}

/** Whether there is a process with that id, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw new PostgresError(`a PostgreSQL server of another account (process ${pid}) runs in this folder`);
  }
}

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What a process and its children took of the machine. */
export interface Usage {
  /** User and system time since the start. */
  readonly cpuMilliseconds: number;
  readonly residentMegabytes: number;
  /** The most that was resident since the last `forgetPeak`. */
  readonly peakMegabytes: number;
}

const ticksPerSecond =
  process.platform === "linux" ? Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" })) : 0;

/**
 * Reads what a process took, with all its children, from /proc. CPU time comes in steps of a kernel tick, 10 ms.
 *
 * @throws Error on systems other than Linux
 */
export function readUsage(pid: number): Usage {
  if (process.platform !== "linux") throw new Error("CPU time and memory are read from /proc: run on Linux.");
  const each = processTree(pid).map(readOne);
  const sum = (pick: (usage: Usage) => number) => each.reduce((total, usage) => total + pick(usage), 0);
  return {
    cpuMilliseconds: sum(({ cpuMilliseconds }) => cpuMilliseconds),
    residentMegabytes: sum(({ residentMegabytes }) => residentMegabytes),
    peakMegabytes: sum(({ peakMegabytes }) => peakMegabytes),
  };
}

/** From here on the peak is counted anew. */
export function forgetPeak(pid: number): void {
  // See proc(5): 5 resets the peak resident set size.
  for (const each of processTree(pid)) writeFileSync(`/proc/${each}/clear_refs`, "5");
}

function readOne(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // Behind the name, which may hold spaces, come the fields from the third on: utime, stime, and those of dead children.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) / 1024;
  return {
    cpuMilliseconds: (ticks * 1000) / ticksPerSecond,
    residentMegabytes: megabytes("VmRSS"),
    peakMegabytes: megabytes("VmHWM"),
  };
}

function processTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}

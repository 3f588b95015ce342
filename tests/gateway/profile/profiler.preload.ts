import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/*
 * Loaded before a contestant (`--import`): takes a CPU profile of its main thread between two messages, so that neither
 * start nor warm-up is in it. `--cpu-prof` has no such bounds, and loses the profile of a process that a signal ends.
 */
const INTERVAL_MICROSECONDS = 250;

const session = new Session();
session.connect();

/** What a profiled process is told. */
export type ProfilerCommand = "start-profile" | { readonly writeProfile: string };

async function obey(command: ProfilerCommand): Promise<void> {
  if (command === "start-profile") {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
    await session.post("Profiler.start");
  } else if (typeof command === "object" && "writeProfile" in command) {
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(command.writeProfile, JSON.stringify(profile));
  } else return;
  process.send?.("done");
}

process.on("message", (command: ProfilerCommand) => void obey(command));

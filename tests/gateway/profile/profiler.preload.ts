import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/*
 * Loaded before a contestant (`--import`): takes a profile of its main thread between two messages, so that neither start
 * nor warm-up is in it. `--cpu-prof` has no such bounds, and loses the profile of a process that a signal ends.
 */
const INTERVAL_MICROSECONDS = 250;
const INTERVAL_BYTES = 16_384;

const session = new Session();
session.connect();

/** What a profiled process is told. Answered with "done" when it is. */
export type ProfilerCommand =
  { readonly start: "cpu" | "survivors" } | { readonly stop: "cpu" | "survivors"; readonly file: string };

async function start(kind: "cpu" | "survivors"): Promise<void> {
  if (kind === "cpu") {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
    await session.post("Profiler.start");
  } else {
    // What lives on when the young generation is collected, also where the old one is collected soon after.
    const options = { samplingInterval: INTERVAL_BYTES, includeObjectsCollectedByMajorGC: true };
    await session.post("HeapProfiler.startSampling", options);
  }
}

async function stop(kind: "cpu" | "survivors", file: string): Promise<void> {
  const { profile } =
    kind === "cpu" ? await session.post("Profiler.stop") : await session.post("HeapProfiler.stopSampling");
  writeFileSync(file, JSON.stringify(profile));
}

async function obey(command: ProfilerCommand): Promise<void> {
  if ("start" in command) await start(command.start);
  else await stop(command.stop, command.file);
  process.send?.("done");
}

process.on("message", (command: ProfilerCommand | string) => {
  // A contestant may get messages that are not for the profiler.
  if (typeof command === "object" && ("start" in command || "stop" in command)) void obey(command);
});

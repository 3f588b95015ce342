import { readFileSync } from "node:fs";
import type { HeapProfiler, Profiler } from "node:inspector";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../config.ts";
import { CONTESTANTS } from "../contestants/contestants.ts";
import { askOnce, startContestant } from "../contestants/start.ts";
import { putLoad } from "../measure.ts";
import { ask, endOnSignal, stopProcess } from "../processes.ts";
import { onStage, type Stage } from "../stage.ts";
import { type Work, WORKS } from "../works.ts";
import type { ProfilerCommand } from "./profiler.preload.ts";
import { survivorsByFunction, timeByFunction, timeByRoom } from "./rooms.ts";
import { renderFunctions, renderRooms, renderSurvivors, type WorkProfile } from "./table.ts";

/*
 * npm run bench:profile -w tests -- [--contestants ours] [--works own-tokens] [--seconds 10]: where the CPU time of the
 * gateway goes under load, by package and room, the functions that take most, and what outlives the young generation.
 * Flags are the benchmark's.
 */
const args = process.argv.slice(2);
const given = (name: string) => args.some((arg) => arg.startsWith(name));
const config = readConfig([
  ...args,
  ...(given("--contestants") ? [] : ["--contestants", "ours"]),
  ...(given("--gateway") ? [] : ["--gateway", "sources"]),
]);
const PRELOAD = fileURLToPath(new URL("./profiler.preload.ts", import.meta.url));

endOnSignal();
await onStage(async (stage) => {
  for (const contestant of CONTESTANTS.filter(({ key }) => config.contestants.includes(key))) {
    const profiles: WorkProfile[] = [];
    for (const work of WORKS.filter(({ key }) => config.works.includes(key)))
      profiles.push(await profileWork(stage, contestant, work));
    console.log(`\n${contestant.name}\n${renderRooms(profiles)}`);
    for (const profile of profiles)
      console.log(`\n${renderFunctions(profile)}\n\n${renderSurvivors(profile)}`);
  }
});

async function profileWork(
  stage: Stage,
  contestant: (typeof CONTESTANTS)[number],
  work: Work,
): Promise<WorkProfile> {
  const { load, folder } = stage;
  const running = await startContestant(contestant, { ...stage, ...config, work, floor: undefined }, [
    "--import",
    PRELOAD,
  ]);
  try {
    const bytes = Buffer.byteLength(await askOnce(running.url, work));
    const command = { ...work, ...config, url: running.url, bytes };
    await putLoad(load, { ...command, seconds: config.warmUpSeconds });
    const take = async (kind: "cpu" | "survivors") => {
      await ask(running, { start: kind } satisfies ProfilerCommand);
      const { requests } = await putLoad(load, command);
      const file = path.join(folder, `${contestant.key}-${work.key}-${kind}.json`);
      await ask(running, { stop: kind, file } satisfies ProfilerCommand);
      return { requests, profile: JSON.parse(readFileSync(file, "utf8")) as unknown };
    };
    const cpu = await take("cpu");
    const survivors = await take("survivors");
    return {
      key: work.key,
      requests: cpu.requests,
      rooms: timeByRoom(cpu.profile as Profiler.Profile),
      functions: timeByFunction(cpu.profile as Profiler.Profile),
      survivors: survivorsByFunction(survivors.profile as HeapProfiler.SamplingHeapProfile),
      survivorRequests: survivors.requests,
    };
  } finally {
    await stopProcess(running);
  }
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import type { Surroundings } from "./measure.ts";
import { CORES, nextMessage, startNode, stopProcess } from "./processes.ts";
import { SUBGRAPHS } from "./subgraphs/schemas.ts";

/** What stands around the contestants: the subgraphs, what sends the load, and their supergraph in a file. */
export interface Stage extends Surroundings {
  readonly subgraphsUrl: string;
  readonly supergraphFile: string;
  /** For files of the run. */
  readonly folder: string;
}

/** Sets the stage up, runs on it, and takes it down whatever happens. */
export async function onStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "tributary-benchmark-"));
  const start = (file: URL) => startNode({ core: CORES.others, args: [fileURLToPath(file)] });
  const subgraphs = start(new URL("./subgraphs/subgraphs.process.ts", import.meta.url));
  const load = start(new URL("./load/load.process.ts", import.meta.url));
  try {
    const [{ url: subgraphsUrl }] = await Promise.all([
      nextMessage<{ url: string }>(subgraphs),
      nextMessage<"ready">(load),
    ]);
    const supergraphFile = path.join(folder, "supergraph.graphql");
    writeFileSync(supergraphFile, compose(subgraphsUrl));
    await run({ subgraphs, load, subgraphsUrl, supergraphFile, folder });
  } finally {
    await Promise.all([subgraphs, load].map(stopProcess));
    rmSync(folder, { recursive: true });
  }
}

function compose(subgraphsUrl: string): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(SUBGRAPHS).map(([name, { sdl }]) => ({
      name,
      url: `${subgraphsUrl}/${name}`,
      typeDefs: parse(sdl),
    })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.join("\n"));
  return supergraphSdl;
}

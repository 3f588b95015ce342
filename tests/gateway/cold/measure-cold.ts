import { fileURLToPath } from "node:url";
import { CORES, nextMessage, startNode, stopProcess } from "../processes.ts";
import { median } from "../report/statistics.ts";

/** The first steps of a gateway, in milliseconds. */
export interface ColdTimes {
  /** From the supergraph's text to a gateway that takes requests. */
  readonly load: number;
  /** Plan of the first operation. */
  readonly plan: number;
  /** From the plan to the first call of a subgraph. */
  readonly compile: number;
  /** From the first request to its answer. */
  readonly firstAnswer: number;
}

const PROCESS = fileURLToPath(new URL("./cold.process.ts", import.meta.url));

/** Medians of several new processes, stock's and ours in turn. */
export async function measureCold(
  supergraphFile: string,
  query: string,
  starts: number,
): Promise<Readonly<Record<"stock" | "ours", ColdTimes>>> {
  const times: Record<"stock" | "ours", ColdTimes[]> = { stock: [], ours: [] };
  for (let start = 0; start < starts; start++) {
    for (const kind of ["stock", "ours"] as const)
      times[kind].push(await startOnce(kind, supergraphFile, query));
  }
  return { stock: medians(times.stock), ours: medians(times.ours) };
}

async function startOnce(kind: string, supergraphFile: string, query: string): Promise<ColdTimes> {
  const started = startNode({ core: CORES.gateway, args: [PROCESS, kind, supergraphFile, query] });
  try {
    return await nextMessage<ColdTimes>(started);
  } finally {
    await stopProcess(started);
  }
}

function medians(times: readonly ColdTimes[]): ColdTimes {
  const of = (pick: (each: ColdTimes) => number) => median(times.map(pick));
  return {
    load: of(({ load }) => load),
    plan: of(({ plan }) => plan),
    compile: of(({ compile }) => compile),
    firstAnswer: of(({ firstAnswer }) => firstAnswer),
  };
}

import { createHash } from "node:crypto";
import { type ClusterLog, createCrew } from "./crew.ts";
import type { Payloads } from "./messages.ts";
import type { WorkerEnd, WorkerLimits, WorkerProcess } from "./worker-process.ts";

export interface PrimaryOptions<Types extends Payloads> {
  readonly workers: number;
  readonly port: number;
  /** What the first workers work with. */
  readonly setting: Types["setting"];
  /** What workers are to work with after a restart. */
  readonly readSetting: () => Promise<Types["setting"]>;
  readonly limits: WorkerLimits;
  readonly logger: ClusterLog;
  readonly onUsage: (usage: Types["usage"]) => void;
  readonly onGivenUp: () => void;
}

/** The process over those that serve. */
export interface Primary {
  /** @returns where all listen, or how the first worker ended before it did */
  start(): Promise<{ readonly url: string } | WorkerEnd>;
  /** Has all workers serve a supergraph, or none of them. */
  offer(supergraph: string): void;
  /** Puts a new worker in the place of each, one after the other. */
  restart(): void;
  stop(): Promise<void>;
}

/** Makes a primary. */
export function createPrimary<Types extends Payloads>(options: PrimaryOptions<Types>): Primary {
  const { logger } = options;
  let accepted = hashOf(options.setting.supergraph);
  let refused: string | null = null;
  /** Came when there was nobody to look at it. */
  let missed: string | null = null;
  let supergraphs: Promise<unknown> = Promise.resolve();
  let restarts: Promise<unknown> = Promise.resolve();

  /** Whatever is done about supergraphs is done one after the other. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = supergraphs.then(work);
    supergraphs = done;
    return done;
  };

  /** Has a worker that began with another supergraph serve the one that all serve. */
  const bringUp = async (worker: WorkerProcess<Types>): Promise<void> => {
    if (worker.hash === accepted || worker.state === "ended") return;
    const prepared = await worker.prepare(crew.setting.supergraph);
    if (prepared === null) return;
    if (prepared.fault === null) {
      worker.commit(accepted);
      return;
    }
    const { number, pid } = worker;
    logger.error(
      { worker: number, workerPid: pid, supergraph: accepted, reason: prepared.fault },
      "worker refuses what the others serve, and is replaced",
    );
    worker.kill();
  };

  const crew = createCrew<Types>({
    ...options,
    onReady: async (worker) => {
      await inTurn(() => bringUp(worker));
      if (missed !== null) offer(missed);
      missed = null;
    },
  });

  const refuse = (hash: string, reason: string): void => {
    refused = hash;
    crew.tellStatus({ refused });
    logger.error({ supergraph: hash, kept: accepted, reason }, "supergraph refused for all workers");
  };

  const consider = async (supergraph: string): Promise<void> => {
    const hash = hashOf(supergraph);
    if (hash === accepted && refused !== null) crew.tellStatus({ refused: (refused = null) });
    if (hash === accepted || hash === refused) return;
    const [first, ...others] = crew.serving();
    if (first === undefined) {
      missed = supergraph;
      return;
    }
    logger.info({ supergraph: hash }, "supergraph offered to the workers");
    // One goes first: what would end a worker ends this one alone.
    const tried = await first.prepare(supergraph);
    if (tried === null) return refuse(hash, "A worker ended while it made itself ready for it.");
    if (tried.fault !== null) return refuse(hash, tried.fault);
    const rest = await Promise.all(others.map((worker) => worker.prepare(supergraph)));
    const fault = rest.find((each) => each !== null && each.fault !== null)?.fault;
    if (fault != null) return refuse(hash, fault);
    accepted = hash;
    refused = null;
    crew.setting = { ...crew.setting, supergraph };
    for (const worker of [first, ...others]) worker.commit(hash);
    crew.tellStatus({ refused });
    logger.info({ supergraph: hash }, "supergraph swapped in all workers");
  };

  const offer = (supergraph: string): void => void inTurn(() => consider(supergraph));

  const restart = async (): Promise<void> => {
    let next: Types["setting"];
    try {
      next = await options.readSetting();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error({ reason }, "no restart, as the files cannot be read");
      return;
    }
    logger.info({}, "restarting the workers, one after the other");
    // The file may hold a supergraph that was refused.
    const { supergraph } = crew.setting;
    if (await crew.replaceAll({ ...next, supergraph })) logger.info({}, "all workers are new");
    else logger.error({}, "the restart is given up, as a new worker did not come to serve; the others go on");
    offer(next.supergraph);
  };

  return {
    start: () => crew.start(),
    offer,
    restart: () => void (restarts = restarts.then(restart)),
    stop: () => crew.stop(),
  };
}

/** As workers tell of supergraphs. */
function hashOf(supergraph: string): string {
  return createHash("sha256").update(supergraph).digest("hex");
}

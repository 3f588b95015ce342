import type { ClusterStatus, Payloads } from "./messages.ts";
import { createRestartPolicy } from "./restart-policy.ts";
import { startWorker, type WorkerEnd, type WorkerLimits, type WorkerProcess } from "./worker-process.ts";

/** The primary's log, as far as it needs one. */
export interface ClusterLog {
  info(about: object, message: string): void;
  warn(about: object, message: string): void;
  error(about: object, message: string): void;
}

export interface CrewOptions<Types extends Payloads> {
  readonly workers: number;
  readonly port: number;
  readonly setting: Types["setting"];
  readonly limits: WorkerLimits;
  readonly logger: ClusterLog;
  readonly onUsage: (usage: Types["usage"]) => void;
  /** What a worker that serves needs before it counts. */
  readonly onReady: (worker: WorkerProcess<Types>) => Promise<void>;
  /** Too many ended: nothing more is started. */
  readonly onGivenUp: () => void;
}

/** The workers, each of which is replaced when it ends unasked. */
export interface Crew<Types extends Payloads> {
  /** What workers that are started from now on work with. */
  setting: Types["setting"];
  /** Tells all workers, and those to come, how many serve and what was refused. */
  tellStatus(change?: { readonly refused: string | null }): void;
  /** Workers that serve and are to go on. */
  serving(): readonly WorkerProcess<Types>[];
  /**
   * Starts one worker, and when it serves all the others.
   *
   * @returns where it listens, or how the first one ended
   */
  start(): Promise<{ readonly url: string } | WorkerEnd>;
  /**
   * Puts new workers in the place of those that serve, one after the other: the new one serves before the old one
   * takes no more.
   *
   * @returns false where a new one did not come to serve; the old ones that are left go on
   */
  replaceAll(setting: Types["setting"]): Promise<boolean>;
  /** Ends all, and starts none any more. */
  stop(): Promise<void>;
}

/** Makes the workers of a primary. */
export function createCrew<Types extends Payloads>(options: CrewOptions<Types>): Crew<Types> {
  const { workers, logger } = options;
  const policy = createRestartPolicy({ workers, now: () => performance.now() });
  const all = new Set<WorkerProcess<Types>>();
  /** By number: the worker that has the place. */
  const places = new Map<number, WorkerProcess<Types>>();
  /** Numbers of places whose worker is about to be followed by another one. */
  const replacing = new Set<number>();
  const waits = new Set<NodeJS.Timeout>();
  let { setting } = options;
  let refused: string | null = null;
  let stopping = false;
  let url = "";

  const serving = () => [...places.values()].filter(({ state }) => state === "ready");
  const status = (): ClusterStatus => ({ workers, ready: serving().length, refused });
  const tellStatus = () => {
    for (const worker of all) worker.tell({ type: "status", status: status() });
  };

  /** Starts a process for a place, beside the one that has it. */
  const launch = async (number: number): Promise<WorkerProcess<Types>> => {
    // What others are asked for is what this one will be asked for.
    const [other] = serving();
    const known = (await other?.known()) ?? null;
    const worker = startWorker<Types>({
      start: { number, port: options.port, setting, known, status: status() },
      limits: options.limits,
      onReady: (where) => (url = where),
      onUsage: options.onUsage,
    });
    all.add(worker);
    void worker.ended.then((how) => left(worker, how));
    return worker;
  };

  /** True when it serves. */
  const isUp = async (worker: WorkerProcess<Types>): Promise<boolean> => {
    if (!(await worker.ready)) return false;
    await options.onReady(worker);
    if (worker.state !== "ready") return false;
    logger.info({ worker: worker.number, workerPid: worker.pid }, "worker ready");
    return true;
  };

  const takePlace = async (number: number): Promise<boolean> => {
    const worker = await launch(number);
    if (stopping) void worker.stop({ drains: false });
    places.set(number, worker);
    const up = await isUp(worker);
    tellStatus();
    return up;
  };

  const left = (worker: WorkerProcess<Types>, { code, signal }: WorkerEnd): void => {
    const { number, pid } = worker;
    all.delete(worker);
    const hadPlace = places.get(number) === worker;
    const about = { worker: number, workerPid: pid, code, signal };
    if (stopping || !hadPlace) {
      logger.info(about, "worker ended");
      return;
    }
    places.delete(number);
    tellStatus();
    logger.error(about, "worker ended unasked");
    // The first one's end ends the start, and a place that is about to be taken needs nobody else.
    if (url !== "" && !replacing.has(number)) restart(number);
  };

  const restart = (number: number): void => {
    const wait = policy.ended(number);
    if (wait === null) {
      options.onGivenUp();
      return;
    }
    const timer = setTimeout(() => {
      waits.delete(timer);
      if (!stopping) void takePlace(number);
    }, wait);
    waits.add(timer);
  };

  const replace = async (old: WorkerProcess<Types>): Promise<boolean> => {
    const { number } = old;
    replacing.add(number);
    const worker = await launch(number);
    const up = await isUp(worker);
    replacing.delete(number);
    if (!up) {
      if (!places.has(number) && !stopping) restart(number);
      return false;
    }
    places.set(number, worker);
    tellStatus();
    await old.stop({ drains: true });
    return true;
  };

  return {
    get setting() {
      return setting;
    },
    set setting(next) {
      setting = next;
    },
    tellStatus(change) {
      if (change !== undefined) ({ refused } = change);
      tellStatus();
    },
    serving,
    async start() {
      const first = await launch(1);
      places.set(1, first);
      if (!(await isUp(first))) return first.ended;
      await Promise.all(Array.from({ length: workers - 1 }, (_, index) => takePlace(index + 2)));
      tellStatus();
      return { url };
    },
    async replaceAll(next) {
      const before = setting;
      setting = next;
      for (const [index, old] of serving().entries()) {
        if (stopping) return false;
        if (old.state !== "ready" || (await replace(old))) continue;
        // What does not work for one is not tried on others; those that are new already stay.
        if (index === 0) setting = { ...before, supergraph: setting.supergraph };
        return false;
      }
      return true;
    },
    async stop() {
      stopping = true;
      for (const timer of waits) clearTimeout(timer);
      await Promise.all([...all].map((worker) => worker.stop({ drains: false })));
    },
  };
}

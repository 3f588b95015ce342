import nodeCluster from "node:cluster";
import type { FromWorker, Payloads, Prepared, ToWorker, WorkerStart } from "./messages.ts";
import { createPendingRequests } from "./pending-requests.ts";

/** How a process ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A worker, as the primary sees it. */
export interface WorkerProcess<Types extends Payloads> {
  readonly number: number;
  readonly pid: number;
  /** `leaving` once it was told to end. */
  readonly state: "starting" | "ready" | "leaving" | "ended";
  /** The supergraph that it serves, as far as it has told. */
  readonly hash: string;
  /** Settles when it serves, or has ended; true in the first case. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<WorkerEnd>;
  tell(message: ToWorker<Types>): void;
  /** Null where it ended before it responded, or is killed as it took too long. */
  prepare(supergraph: string): Promise<Prepared | null>;
  commit(hash: string): void;
  /** What it has learnt; null where it does not serve, or does not respond soon. */
  known(): Promise<Types["known"] | null>;
  /** Ends it, by force where it takes too long. */
  stop(options: { readonly drains: boolean }): Promise<WorkerEnd>;
  /** Ends it at once, as it does not do what it should. */
  kill(): void;
}

export interface WorkerProcessOptions<Types extends Payloads> {
  readonly start: WorkerStart<Types>;
  readonly limits: WorkerLimits;
  readonly onReady: (url: string) => void;
  readonly onUsage: (usage: Types["usage"]) => void;
}

/** How long things may take, in milliseconds, before a worker counts as one that hangs. */
export interface WorkerLimits {
  readonly start: number;
  readonly prepare: number;
  readonly known: number;
  /** Where it drains, and where not. */
  readonly drain: number;
  readonly stop: number;
}

/** Starts a process that serves. */
export function startWorker<Types extends Payloads>(
  options: WorkerProcessOptions<Types>,
): WorkerProcess<Types> {
  const { start, limits } = options;
  const child = nodeCluster.fork();
  const ready = Promise.withResolvers<boolean>();
  const ended = Promise.withResolvers<WorkerEnd>();
  const { process: childProcess } = child;
  let state: WorkerProcess<Types>["state"] = "starting";
  let hash = "";
  const preparations = createPendingRequests<Prepared>();
  const inquiries = createPendingRequests<Types["known"]>();

  const kill = () => void childProcess.kill("SIGKILL");
  /** Kills the worker where something is not done in time. */
  const within = async <Result>(milliseconds: number, work: Promise<Result>): Promise<Result> => {
    const timer = setTimeout(kill, milliseconds);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };
  const tell = (message: ToWorker<Types>) => {
    // One that is gone is told nothing, and its end is seen elsewhere.
    if (state !== "ended" && child.isConnected()) child.send(message, () => {});
  };

  const take = (message: FromWorker<Types>) => {
    switch (message.type) {
      case "hello":
        return tell({ type: "start", start });
      case "ready":
        hash = message.hash;
        if (state === "starting") state = "ready";
        options.onReady(message.url);
        return ready.resolve(true);
      case "prepared":
        return preparations.settle(message.id, message.prepared);
      case "known":
        return inquiries.settle(message.id, message.known);
      case "usage":
        return options.onUsage(message.usage);
      case "listen":
        return tell({ type: "heard", id: message.id });
      case "bye":
        return undefined;
    }
  };
  child.on("message", (message: FromWorker<Types>) => take(message));
  // A process that could not be started has no end, but an error.
  child.on("error", () => {
    if (childProcess.pid === undefined) end({ code: null, signal: null });
  });
  child.once("exit", (code: number | null, signal: string | null) => end({ code, signal }));
  const end = (how: WorkerEnd) => {
    state = "ended";
    ready.resolve(false);
    preparations.abandon();
    inquiries.abandon();
    ended.resolve(how);
  };
  void within(limits.start, ready.promise);

  return {
    number: start.number,
    pid: childProcess.pid ?? 0,
    get state() {
      return state;
    },
    get hash() {
      return hash;
    },
    ready: ready.promise,
    ended: ended.promise,
    tell,
    prepare: (supergraph) =>
      preparations.request((id) => tell({ type: "prepare", id, supergraph }), {
        milliseconds: limits.prepare,
        onLate: kill,
      }),
    commit(next) {
      hash = next;
      tell({ type: "commit", hash: next });
    },
    async known() {
      if (state !== "ready") return null;
      return inquiries.request((id) => tell({ type: "known", id }), { milliseconds: limits.known });
    },
    async stop({ drains }) {
      if (state === "ended") return ended.promise;
      state = "leaving";
      tell({ type: "stop", drains });
      return within(drains ? limits.drain : limits.stop, ended.promise);
    },
    kill,
  };
}

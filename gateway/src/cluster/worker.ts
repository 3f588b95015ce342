import nodeCluster from "node:cluster";
import type { ClusterStatus, FromWorker, Payloads, Prepared, ToWorker, WorkerStart } from "./messages.ts";

/** What a worker does. */
export interface WorkerDuties<Types extends Payloads> {
  /** Serves, from when it is settled. */
  start(start: WorkerStart<Types>): Promise<StartedWorker<Types>>;
  /** Ends the process in order; `drains` where others go on. */
  stop(options: { readonly drains: boolean }): void;
}

/** A worker that serves. */
export interface StartedWorker<Types extends Payloads> {
  readonly url: string;
  /** SHA-256 of the supergraph that it serves, in hex. */
  readonly hash: string;
  prepare(supergraph: string): Promise<Prepared>;
  commit(hash: string): void;
  /** What it was asked for most. */
  operations(): readonly Types["operation"][];
}

/** A worker's way to its primary. */
export interface PrimaryLink<Types extends Payloads> {
  /** What was last heard of all workers. */
  readonly status: () => ClusterStatus;
  sendUsage(usage: Types["usage"]): void;
  /**
   * Settles when all that the primary sent before it heard of this has come, and been answered: connections, too, that
   * were on their way to a worker that has just stopped to take any. They go back, and to another one.
   */
  settle(): Promise<void>;
  /** Settles when all that was sent before has gone. */
  flush(): Promise<void>;
}

/** Does what the primary says. */
export function serveAsWorker<Types extends Payloads>(
  makeDuties: (primary: PrimaryLink<Types>) => WorkerDuties<Types>,
): void {
  const { worker } = nodeCluster;
  if (worker === undefined) throw new Error("This process is no worker.");
  let status: ClusterStatus = { workers: 0, ready: 0, refused: null };
  let started: StartedWorker<Types> | null = null;
  let heard = Promise.withResolvers<void>();

  const say = (message: FromWorker<Types>) =>
    new Promise<void>((resolve) => {
      if (worker.isConnected()) worker.send(message, () => resolve());
      else resolve();
    });
  const duties = makeDuties({
    status: () => status,
    sendUsage: (usage) => void say({ type: "usage", usage }),
    async settle() {
      if (!worker.isConnected()) return;
      heard = Promise.withResolvers();
      await say({ type: "listen" });
      await heard.promise;
    },
    flush: () => say({ type: "bye" }),
  });
  const start = async (begin: WorkerStart<Types>) => {
    status = begin.status;
    started = await duties.start(begin);
    await say({ type: "ready", url: started.url, hash: started.hash });
  };
  const take = async (message: ToWorker<Types>): Promise<void> => {
    switch (message.type) {
      case "start":
        return start(message.start);
      case "prepare":
        if (started === null) return;
        return say({ type: "prepared", ...(await started.prepare(message.supergraph)) });
      case "commit":
        return started?.commit(message.hash);
      case "operations":
        return say({ type: "operations", operations: started?.operations() ?? [] });
      case "status":
        status = message.status;
        return;
      case "stop":
        return duties.stop({ drains: message.drains });
      case "heard":
        return heard.resolve();
    }
  };
  worker.on("message", (message: ToWorker<Types>) => void take(message));
  // The channel alone keeps a worker going until it listens.
  process.channel?.ref();
  void say({ type: "hello" });
}

import nodeCluster from "node:cluster";
import type { ClusterStatus, FromWorker, Payloads, Prepared, ToWorker, WorkerStart } from "./messages.ts";
import { createPendingRequests } from "./pending-requests.ts";

/** How long a primary may take to hear a worker that is about to end, in milliseconds. */
const settleMilliseconds = 5_000;

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
  /** What it has learnt. */
  known(): Types["known"];
}

/** A worker's way to its primary. */
export interface PrimaryLink<Types extends Payloads> {
  /** What was last heard of all workers. */
  readonly status: () => ClusterStatus;
  sendUsage(usage: Types["usage"]): void;
  /**
   * Settles when all that the primary sent before it heard of this has come, and been answered: connections, too, that
   * were on their way to a worker that has just stopped to take any. They go back, and to another one. A primary that
   * does not respond is not waited for.
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
  const settling = createPendingRequests<null>();

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
      await settling.request((id) => void say({ type: "listen", id }), { milliseconds: settleMilliseconds });
    },
    flush: () => say({ type: "bye" }),
  });
  const start = async (begin: WorkerStart<Types>) => {
    status = begin.status;
    started = await duties.start(begin);
    await say({ type: "ready", url: started.url, hash: started.hash });
  };
  /** The primary waits until a worker serves before it asks for anything. */
  const serving = (): StartedWorker<Types> => {
    if (started === null) throw new Error("The primary asked a worker that does not serve yet.");
    return started;
  };
  const take = async (message: ToWorker<Types>): Promise<void> => {
    switch (message.type) {
      case "start":
        return start(message.start);
      case "prepare":
        return say({
          type: "prepared",
          id: message.id,
          prepared: await serving().prepare(message.supergraph),
        });
      case "commit":
        return started?.commit(message.hash);
      case "known":
        return say({ type: "known", id: message.id, known: serving().known() });
      case "status":
        status = message.status;
        return;
      case "stop":
        return duties.stop({ drains: message.drains });
      case "heard":
        return settling.settle(message.id, null);
    }
  };
  worker.once("disconnect", settling.abandon);
  worker.on("message", (message: ToWorker<Types>) => void take(message));
  // The channel alone keeps a worker going until it listens.
  process.channel?.ref();
  void say({ type: "hello" });
}

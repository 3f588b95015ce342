import closeWithGrace from "close-with-grace";
import { serveAsWorker, type StartedWorker } from "./cluster/worker.ts";
import type { GatewayPayloads } from "./cluster-payloads.ts";
import type { GatewayConfig } from "./config.ts";
import { type RunningGateway, startGateway } from "./gateway.ts";
import type { GatewayLogger } from "./telemetry/logger.ts";
import { fromSent, toSent } from "./warm-up.ts";

/** How long connections that are idle are left to their clients while others go on, in milliseconds. */
const drainMilliseconds = 10_000;

export interface WorkerProcessOptions {
  readonly config: GatewayConfig;
  readonly logger: GatewayLogger;
  /** How long requests that run may take to finish, in milliseconds. */
  readonly graceMilliseconds: number;
  /** Says why the gateway does not start, and ends the process. */
  readonly exit: (error: unknown, config: GatewayConfig) => void;
}

/** Serves, as the primary of this process says. */
export function startWorker(options: WorkerProcessOptions): void {
  const { config, graceMilliseconds } = options;
  let gateway: RunningGateway | null = null;
  let { logger } = options;

  serveAsWorker<GatewayPayloads>((primary) => {
    // What a terminal tells all processes at once is the primary's business. Told to end by itself, a worker leaves
    // its connections in peace, as others go on.
    for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
    let drains = true;
    const hurry = Promise.withResolvers<void>();
    let stopped: Promise<void> | undefined;
    const { close } = closeWithGrace(
      { delay: graceMilliseconds + drainMilliseconds, skip: ["SIGINT", "SIGHUP"] },
      async ({ err }) => {
        if (err !== undefined) logger.fatal({ err }, "stopping after an unforeseen error");
        else if (drains) await Promise.race([gateway?.drain(drainMilliseconds), hurry.promise]);
        await (stopped ??= gateway?.stop());
        await primary.settle();
        logger.info("stopped");
        await primary.flush();
      },
    );
    return {
      async start({ number, port, setting, known }) {
        logger = logger.child({ worker: number });
        const own = { ...config, port };
        try {
          gateway = await startGateway(own, logger, {
            files: setting,
            known: { operations: known?.operations.map(fromSent) ?? [], keys: known?.keys ?? null },
            status: primary.status,
            onUsage: primary.sendUsage,
          });
        } catch (error) {
          options.exit(error, own);
          throw error;
        }
        return startedWorker(gateway, config);
      },
      stop(how) {
        drains &&= how.drains;
        if (!drains) hurry.resolve();
        close();
      },
    };
  });
}

function startedWorker(gateway: RunningGateway, { warmUp }: GatewayConfig): StartedWorker<GatewayPayloads> {
  const { url, supergraph } = gateway;
  return {
    url,
    hash: supergraph.current.hash,
    prepare: (sdl) => supergraph.prepare(sdl),
    commit: (hash) => supergraph.commit(hash),
    known() {
      const { operations, keys } = gateway.known(warmUp.operations);
      return { operations: operations.map(toSent), keys };
    },
  };
}

import nodeCluster from "node:cluster";
import { createServer, type AddressInfo } from "node:net";
import { createIdentityKey } from "@tributary/subgraph-kit/identity";
import type { WorkerEnd } from "./cluster/worker-process.ts";
import { createPrimary } from "./cluster/primary.ts";
import type { GatewayPayloads } from "./cluster-payloads.ts";
import type { GatewayConfig } from "./config.ts";
import { type ConfigFiles, readConfigFiles } from "./config-files.ts";
import { nodeFlags } from "./node-flags.ts";
import { watchFile } from "./supergraph/file-watch.ts";
import type { GatewayLogger } from "./telemetry/logger.ts";
import { openUsageFile } from "./usage/usage-file.ts";

/** Longer than any of it takes, so that what hangs ends. Milliseconds. */
const limits = { start: 120_000, prepare: 120_000, known: 2_000, drain: 40_000, stop: 16_000 };

export interface PrimaryProcessOptions {
  readonly config: GatewayConfig;
  readonly logger: GatewayLogger;
  /** Too many workers ended. */
  readonly onGivenUp: () => void;
}

/** The process over the workers. */
export interface PrimaryProcess {
  /** @returns where all listen; or how the first worker ended before it did, having said why */
  start(): Promise<{ readonly url: string } | WorkerEnd>;
  /** Puts new workers in the place of the old ones, and reads all files again for them. */
  restart(): void;
  stop(): Promise<void>;
}

/**
 * Makes a process that watches over workers, which serve, and over the supergraph's file.
 *
 * @throws ConfigError, UsageFileError
 */
export async function createPrimaryProcess(options: PrimaryProcessOptions): Promise<PrimaryProcess> {
  const { config, logger } = options;
  const files = await readConfigFiles(config);
  // Services get the public key from any worker, for tokens of any other.
  const identityKey =
    files.identityKey ?? (config.authentication === null ? null : JSON.stringify(await createIdentityKey()));
  const withKey = (read: ConfigFiles): ConfigFiles => ({
    ...read,
    identityKey: read.identityKey ?? identityKey,
  });
  const usage =
    config.usageFile === null
      ? null
      : await openUsageFile({
          file: config.usageFile,
          onError: (err) => logger.error({ err }, "the usage file cannot be written"),
        });

  nodeCluster.setupPrimary({ execArgv: [...nodeFlags, ...process.execArgv] });
  const primary = createPrimary<GatewayPayloads>({
    workers: config.workers,
    port: config.port === 0 ? await freePort(config.host) : config.port,
    setting: withKey(files),
    readSetting: async () => withKey(await readConfigFiles(config)),
    limits: {
      ...limits,
      start: limits.start + config.warmUp.milliseconds,
      prepare: limits.prepare + config.warmUp.milliseconds,
    },
    logger,
    onUsage: (part) => usage?.add(part),
    onGivenUp: options.onGivenUp,
  });
  let unwatch: (() => Promise<void>) | undefined;
  return {
    async start() {
      const started = await primary.start();
      if ("url" in started) {
        unwatch = await watchFile({
          file: config.supergraph,
          onChange: primary.offer,
          onError: (err) => logger.error({ err }, "the supergraph's file cannot be read"),
        });
      }
      return started;
    },
    restart: primary.restart,
    async stop() {
      await unwatch?.();
      await primary.stop();
      await usage?.stop();
    },
  };
}

/** The workers that come later have to find the port that the first ones had. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

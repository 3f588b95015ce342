import nodeCluster from "node:cluster";
import closeWithGrace from "close-with-grace";
import { type GatewayConfig, readConfig } from "./config.ts";
import { nodeFlags } from "./node-flags.ts";
import { restartWithFlags } from "./restart-with-flags.ts";
import { renderHelp } from "./settings.ts";
import { createLogger, type GatewayLogger } from "./telemetry/logger.ts";

/** How long requests that run may take to finish once the process was told to stop, in milliseconds. */
const graceMilliseconds = 15_000;

/** How long a primary waits for its workers, which have that long themselves. */
const workerGraceMilliseconds = graceMilliseconds + 5_000;

/** Faults in what the gateway was told, whose messages say all that there is to say. */
const faultsOfTheSetting = new Set([
  "ConfigError",
  "PoliciesError",
  "EnforcementError",
  "RequirementError",
  "SupergraphError",
  "IdentityKeyError",
  "UsageFileError",
  "KeysError",
]);

// ApolloGateway reports to its maker unless told not to, and reads that from the environment alone.
process.env["APOLLO_TELEMETRY_DISABLED"] ??= "true";

function exit(error: unknown, config?: GatewayConfig): never {
  const { name, code, message, stack } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") {
    console.error(
      `Port ${config?.port} of ${config?.host} is taken. Choose another with --port, or 0 for any that is free.`,
    );
  } else if (code === "EACCES" || code === "EADDRNOTAVAIL") {
    console.error(`The gateway cannot listen on port ${config?.port} of ${config?.host} (${code}).`);
  } else if (faultsOfTheSetting.has(name)) {
    console.error(
      name === "SupergraphError"
        ? `The supergraph ${config?.supergraph} cannot be served: ${message}`
        : message,
    );
    process.exit(2);
  } else {
    console.error(stack);
  }
  process.exit(1);
}

function configure(): GatewayConfig {
  try {
    const config = readConfig(process.argv.slice(2), process.env);
    if (config !== "help") return config;
  } catch (error) {
    exit(error);
  }
  console.log(renderHelp());
  process.exit(0);
}

function announce(url: string, logger: GatewayLogger): void {
  logger.info({ url, graphql: `${url}/graphql` }, "listening");
  process.send?.({ type: "listening", url });
}

/** One process that does everything. */
async function serveAlone(config: GatewayConfig, logger: GatewayLogger): Promise<void> {
  restartWithFlags(nodeFlags, process.env);
  const { startGateway } = await import("./gateway.ts");
  const gateway = await startGateway(config, logger);
  closeWithGrace({ delay: graceMilliseconds }, async ({ err }) => {
    if (err !== undefined) logger.fatal({ err }, "stopping after an unforeseen error");
    await gateway.stop();
    logger.info("stopped");
  });
  announce(gateway.url, logger);
}

/** A process over others that serve; it loads nothing of what they need. */
async function lead(config: GatewayConfig, logger: GatewayLogger): Promise<void> {
  const { createPrimaryProcess } = await import("./primary.ts");
  const state = { isStopping: false, exitCode: 0 };
  const primary = await createPrimaryProcess({
    config,
    logger,
    onGivenUp() {
      logger.fatal("the workers end again and again; the gateway gives up");
      console.error(
        "The gateway's workers end again and again, and the gateway gives up. Its log says how each ended.",
      );
      state.exitCode = 1;
      grace.close();
    },
  });
  const grace = closeWithGrace({ delay: workerGraceMilliseconds, skip: ["SIGHUP"] }, async ({ err }) => {
    state.isStopping = true;
    if (err !== undefined) logger.fatal({ err }, "stopping after an unforeseen error");
    await primary.stop();
    logger.info("stopped");
    if (state.exitCode !== 0) process.exit(state.exitCode);
  });
  process.on("SIGHUP", primary.restart);
  const started = await primary.start();
  if ("url" in started) announce(started.url, logger);
  else if (!state.isStopping) process.exit(started.code ?? 1);
}

/** One of several processes that serve. */
async function serve(config: GatewayConfig, logger: GatewayLogger): Promise<void> {
  const { startWorker } = await import("./worker.ts");
  startWorker({ config, logger, graceMilliseconds, exit });
}

const config = configure();
const logger = createLogger(config.logLevel);
try {
  if (nodeCluster.isWorker) await serve(config, logger);
  else if (config.workers > 1) await lead(config, logger.child({ process: "primary" }));
  else await serveAlone(config, logger);
} catch (error) {
  exit(error, config);
}

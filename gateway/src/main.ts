import closeWithGrace from "close-with-grace";
import { type GatewayConfig, readConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";
import { renderHelp } from "./settings.ts";
import { createLogger } from "./telemetry/logger.ts";

/** How long requests that run may take to finish once the process was told to stop, in milliseconds. */
const graceMilliseconds = 15_000;

/** Faults in what the gateway was told, whose messages say all that there is to say. */
const faultsOfTheSetting = new Set([
  "ConfigError",
  "PoliciesError",
  "EnforcementError",
  "RequirementError",
  "SupergraphError",
  "IdentityKeyError",
  "UsageFileError",
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

const config = configure();
const logger = createLogger(config.logLevel);
try {
  const gateway = await startGateway(config, logger);
  closeWithGrace({ delay: graceMilliseconds }, async ({ err }) => {
    if (err !== undefined) logger.fatal({ err }, "stopping after an unforeseen error");
    await gateway.stop();
    logger.info("stopped");
  });
  logger.info({ url: gateway.url, graphql: `${gateway.url}/graphql` }, "listening");
  process.send?.({ type: "listening", url: gateway.url });
} catch (error) {
  exit(error, config);
}

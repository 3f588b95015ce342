import { startMetricsServer, type Logger, type ServerConfig } from "@tributary/subgraph-kit";
import { collectDefaultMetrics, Registry } from "prom-client";

export interface MetricsOptions {
  readonly config: Pick<ServerConfig, "HOST" | "METRICS_PORT">;
  readonly logger: Logger;
  /** Registers the context's own metrics, where the process has a port for metrics. */
  readonly addMetrics?: (registry: Registry) => void;
}

/** Starts something that registers metrics, and serves them with the process's own where `METRICS_PORT` says so. */
export async function withMetrics<Part extends { stop(): Promise<void> }>(
  { config, logger, addMetrics }: MetricsOptions,
  start: (registry: Registry) => Promise<Part>,
): Promise<Part> {
  const registry = new Registry();
  const part = await start(registry);
  if (config.METRICS_PORT === undefined) return part;
  collectDefaultMetrics({ register: registry });
  addMetrics?.(registry);
  const server = await startMetricsServer({ registry, host: config.HOST, port: config.METRICS_PORT });
  logger.info({ port: server.port }, "metrics are at /metrics");
  return {
    ...part,
    async stop() {
      await Promise.all([server.stop(), part.stop()]);
    },
  };
}

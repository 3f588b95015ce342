import type { FastifyInstance } from "fastify";
import type { OutageWatch } from "../database/outage-watch.ts";
import type { Logger } from "./logger.ts";

export interface HealthOptions {
  /** Rejects where the database, or whatever else is needed, cannot be used. */
  readonly ready: () => Promise<void>;
  readonly logger: Logger;
  readonly outages?: OutageWatch | undefined;
}

/** Adds `/health/live` (200 while the process runs) and `/health/ready` (200 where requests can be served, 503 else). */
export function addHealth(app: FastifyInstance, { ready, logger, outages }: HealthOptions): void {
  app.get("/health/live", () => ({ status: "live" }));
  app.get("/health/ready", async (_request, reply) => {
    try {
      await ready();
      return { status: "ready" };
    } catch (error) {
      if (!outages?.note(error, 0)) logger.warn({ err: error }, "not ready");
      return reply.code(503).send({ status: "not ready" });
    }
  });
}

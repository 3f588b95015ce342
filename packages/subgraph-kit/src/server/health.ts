import type { FastifyInstance } from "fastify";
import type { Logger } from "./logger.ts";

/**
 * Adds `/health/live` (200 while the process runs) and `/health/ready` (200 where requests can be served, 503 else).
 *
 * @param ready rejects where the database, or whatever else is needed, cannot be used
 */
export function addHealth(app: FastifyInstance, logger: Logger, ready: () => Promise<void>): void {
  app.get("/health/live", () => ({ status: "live" }));
  app.get("/health/ready", async (_request, reply) => {
    try {
      await ready();
      return { status: "ready" };
    } catch (error) {
      logger.warn({ err: error }, "not ready");
      return reply.code(503).send({ status: "not ready" });
    }
  });
}

import type { FastifyInstance } from "fastify";

/** What `/health/ready` tells of the supergraph. */
export interface SupergraphStatus {
  /** SHA-256 of the supergraph that is served, in hex. */
  readonly hash: string;
  /** SHA-256 of a newer one that was refused, or null. */
  readonly refused: string | null;
}

/**
 * Adds `/health/live` (200 while the process runs) and `/health/ready` (200 while operations are taken, 503 once the
 * gateway stops).
 */
export function addHealth(app: FastifyInstance, supergraph: () => SupergraphStatus): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.get("/health/live", () => ({ status: "live" }));
  app.get("/health/ready", (_request, reply) =>
    reply
      .code(stopping ? 503 : 200)
      .send({ status: stopping ? "stopping" : "ready", supergraph: supergraph() }),
  );
}

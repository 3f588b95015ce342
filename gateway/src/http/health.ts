import type { FastifyInstance } from "fastify";

/** What `/health/ready` tells. */
export interface Readiness {
  readonly supergraph: {
    /** SHA-256 of the supergraph that is served, in hex. */
    readonly hash: string;
    /** SHA-256 of a newer one that was refused, or null. */
    readonly refused: string | null;
  };
  /** How many processes serve, where there are to be several. */
  readonly workers?: { readonly wanted: number; readonly ready: number };
}

/**
 * Adds `/health/live` (200 while the process runs) and `/health/ready` (200 while operations are taken, 503 once the
 * gateway stops).
 */
export function addHealth(app: FastifyInstance, readiness: () => Readiness): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.get("/health/live", () => ({ status: "live" }));
  app.get("/health/ready", (_request, reply) =>
    reply.code(stopping ? 503 : 200).send({ status: stopping ? "stopping" : "ready", ...readiness() }),
  );
}

import type { FastifyInstance } from "fastify";

/** What `/health/ready` tells. */
export interface Readiness {
  /** What the gateway cannot serve without and does not have yet, in words; null where there is nothing. */
  readonly lacks: string | null;
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
 * Adds `/health/live` (200 while the process runs) and `/health/ready` (200 while operations are taken; 503
 * while something is lacking for that, and once the gateway stops).
 */
export function addHealth(app: FastifyInstance, readiness: () => Readiness): void {
  let stopping = false;
  app.addHook("preClose", async () => {
    stopping = true;
  });
  app.get("/health/live", () => ({ status: "live" }));
  app.get("/health/ready", (_request, reply) => {
    const { lacks, ...rest } = readiness();
    const status = stopping ? "stopping" : lacks === null ? "ready" : "not ready";
    return reply
      .code(status === "ready" ? 200 : 503)
      .send({ status, ...(lacks === null ? {} : { lacks }), ...rest });
  });
}

import type { FastifyReply } from "fastify";

/** A signal that is aborted when the client closes its connection before it has its answer. */
export function clientLeft(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

import type { FastifyInstance } from "fastify";

/** Where Apollo Sandbox is opened by itself, and given this gateway's address. */
export const SANDBOX_ORIGIN = "https://studio.apollographql.com";

/**
 * Lets Apollo Sandbox call, as `@fastify/cors` lets the origins of a list. That one says to everybody that answers differ by
 * origin; here, answers to all others stay as they are, and as short.
 */
export function allowSandbox(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (request.headers.origin !== SANDBOX_ORIGIN) return undefined;
    reply.headers({
      "access-control-allow-origin": SANDBOX_ORIGIN,
      "access-control-expose-headers": "x-request-id",
      vary: "Origin",
    });
    const { method, headers } = request;
    if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return undefined;
    const asked = headers["access-control-request-headers"];
    return reply
      .headers({
        "access-control-allow-methods": "GET, POST",
        ...(asked !== undefined && { "access-control-allow-headers": asked }),
        "access-control-max-age": "600",
      })
      .code(204)
      .send();
  });
}

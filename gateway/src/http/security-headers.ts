import type { FastifyInstance } from "fastify";

/** Names and values of headers that keep browsers from guessing types and from showing the gateway in other pages. */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-opener-policy", "same-origin"],
];

/** Adds the security headers to every answer. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of securityHeaders) reply.header(name, value);
  });
}

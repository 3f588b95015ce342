import type { IncomingMessage } from "node:http";

/**
 * Reads a body whose length was looked at before. Where the client leaves in the middle of it, nobody is told: there is
 * nobody to answer.
 */
export function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  let body: Buffer | null = null;
  let chunks: Buffer[] | null = null;
  request.on("data", (chunk: Buffer) => {
    if (body === null) body = chunk;
    else (chunks ??= [body]).push(chunk);
  });
  request.on("end", () => {
    done(chunks === null ? (body ?? Buffer.alloc(0)) : Buffer.concat(chunks));
  });
}

import type { Server as HttpServer, ServerResponse } from "node:http";
import { Server } from "node:net";

/**
 * Has a server take no new connections, and finish with those that it has: each answer is its connection's last. A
 * client that keeps connections could send a request on one in the moment in which it is closed, and would have lost
 * it; so those that are idle are left open, for as long as is waited.
 *
 * @returns when no connection is left, or the time is over
 */
export async function drain(server: HttpServer, milliseconds: number): Promise<void> {
  const emptied = new Promise<void>((resolve) => server.once("close", resolve));
  server.prependListener("request", (_request, response: ServerResponse) => {
    response.shouldKeepAlive = false;
  });
  // An HTTP server's own would close connections that are idle.
  Server.prototype.close.call(server);
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([emptied, over]);
  clearTimeout(timer);
}

import { type Server as HttpServer, IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Handovers } from "../handover.ts";
import { DirectConnection, type DirectHost, type Going } from "./direct-connection.ts";

export type DirectListenerOptions<Context> = Omit<
  DirectHost<Context>,
  "giveAway" | "tellOnly" | "onGone" | "isClosing"
> & {
  /** Takes requests through Fastify and Apollo Server. */
  readonly longWay: RequestListener;
  readonly isStopping: () => boolean;
  readonly handovers: Handovers<Context>;
  /** Told of a connection before node:http gets it. */
  readonly onGivenAway: (socket: Socket) => void;
};

/**
 * Reads plain requests for operations from a server's connections itself, which costs half of what node:http's parser,
 * streams and headers do. Everything else is node:http's, which gets the connection as it was.
 *
 * @param server one of node:http's that does not listen yet
 * @returns what is to be asked first of each request of node:http: whether something was done of it here, and it has gone
 *   the long way with that
 */
export function listenDirectly<Context>(
  server: HttpServer,
  options: DirectListenerOptions<Context>,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const connections = new Set<DirectConnection<Context>>();
  /** Requests that go on by node:http, by their connection. */
  const going = new WeakMap<Socket, Going<Context>>();
  const accept = server.listeners("connection").at(0) as (this: HttpServer, socket: Socket) => void;
  server.removeListener("connection", accept);

  const host: DirectHost<Context> = {
    ...options,
    // A server that takes no new connections wants to be rid of those that it has.
    isClosing: () => options.isStopping() || !server.listening,
    onGone: (connection) => void connections.delete(connection),
    giveAway(socket, bytes, goes) {
      if (goes !== undefined) {
        going.set(socket, goes);
        socket.once("close", goes.closed);
      }
      options.onGivenAway(socket);
      accept.call(server, socket);
      socket.emit("data", bytes);
    },
    tellOnly(socket, headers, handover) {
      const request = Object.assign(new IncomingMessage(socket), {
        method: "POST",
        url: options.path,
        headers,
        complete: true,
      });
      request.push(null);
      const response = new ServerResponse(request);
      response.destroy();
      options.handovers.set(request, handover);
      options.longWay(request, response);
    },
  };
  server.on("connection", (socket: Socket) => connections.add(new DirectConnection(host, socket)));

  const { closeIdleConnections, closeAllConnections } = server;
  server.closeIdleConnections = () => {
    for (const connection of connections) connection.closeIdle();
    closeIdleConnections.call(server);
  };
  server.closeAllConnections = () => {
    for (const connection of connections) connection.destroy();
    closeAllConnections.call(server);
  };

  return (request, response) => {
    const goes = going.get(request.socket);
    if (goes === undefined) return false;
    going.delete(request.socket);
    request.socket.removeListener("close", goes.closed);
    response.once("close", goes.closed);
    options.handovers.set(request, goes.handover);
    options.longWay(request, response);
    return true;
  };
}

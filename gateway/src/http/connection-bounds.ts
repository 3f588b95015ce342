import type { IncomingMessage, Server as HttpServer, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How long clients may take, in milliseconds. */
export interface ConnectionBounds {
  /** From the first byte of a request, or the begin of a connection, to the end of the request's head. */
  readonly headers: number;
  /** From the first byte of a request to its last; not less than `headers`. */
  readonly request: number;
  /** From when a response is sent, until the client has taken all of it. */
  readonly response: number;
  /** How long a connection is kept on which nothing is under way. */
  readonly keepAlive: number;
}

/** How often connections are looked at: the bounds are kept to within a quarter of the shortest. */
function checkMilliseconds({ headers, request, response }: ConnectionBounds): number {
  return Math.min(30_000, Math.ceil(Math.min(headers, request, response) / 4));
}

/** The options of a server of node:http, which itself ends requests that come too slowly, with HTTP 408. */
export function boundOptions(bounds: ConnectionBounds): ServerOptions {
  return {
    headersTimeout: bounds.headers,
    requestTimeout: bounds.request,
    keepAliveTimeout: bounds.keepAlive,
    connectionsCheckingInterval: checkMilliseconds(bounds),
  };
}

/** A connection of node:http. */
interface Connection {
  /** The last request that began; null before the first one. */
  request: IncomingMessage | null;
  /** Responses that are not at their end. */
  underWay: number;
  /** Since when nothing is under way; from `performance.now()`. */
  idleSince: number;
  /** Since when the client leaves bytes of a response untaken; null where it does not. */
  sendingSince: number | null;
}

/** The connections of a server, as far as they are node:http's. */
export interface BoundedConnections {
  /** Has a connection looked after that node:http reads, before it reads any of it. */
  track(socket: Socket): void;
  /**
   * Ends connections whose requests are not whole when five seconds are over, or as long as a head may take. For a server
   * that stops: node:http bounds its requests no more from then on, and would wait for them.
   */
  closeUnfinished(): void;
}

const UNFINISHED_MILLISECONDS = 5_000;

/**
 * Ends connections that node:http never would: of clients that do not take their responses, or take them bit by bit, and
 * of those that keep a connection on which nothing is under way with bytes that begin no request.
 *
 * @param server one that was made with `boundOptions`
 */
export function boundConnections(server: HttpServer, bounds: ConnectionBounds): BoundedConnections {
  const connections = new Map<Socket, Connection>();
  const connectionOf = (socket: Socket): Connection => {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const connection = { request: null, underWay: 0, idleSince: 0, sendingSince: null };
    connections.set(socket, connection);
    socket.once("close", () => connections.delete(socket));
    return connection;
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = connectionOf(request.socket);
    connection.request = request;
    connection.underWay++;
    response.once("close", () => {
      connection.underWay--;
      connection.sendingSince = null;
      connection.idleSince = performance.now();
    });
  });

  const isOver = (socket: Socket, connection: Connection, now: number): boolean => {
    if (connection.request === null) return false;
    // The head of the next request may have begun in the last moment.
    if (connection.underWay === 0) return now - connection.idleSince > bounds.keepAlive + bounds.headers;
    if (socket.writableLength === 0) connection.sendingSince = null;
    else connection.sendingSince ??= now;
    return connection.sendingSince !== null && now - connection.sendingSince > bounds.response;
  };
  const check = () => {
    const now = performance.now();
    for (const [socket, connection] of connections) if (isOver(socket, connection, now)) socket.destroy();
  };
  const timer = setInterval(check, checkMilliseconds(bounds)).unref();
  server.once("close", () => clearInterval(timer));

  const endUnfinished = () => {
    for (const [socket, { request, underWay }] of connections)
      if (underWay === 0 || request?.complete !== true) socket.destroy();
  };
  return {
    track: (socket) => void connectionOf(socket),
    closeUnfinished: () =>
      void setTimeout(endUnfinished, Math.min(UNFINISHED_MILLISECONDS, bounds.headers)).unref(),
  };
}

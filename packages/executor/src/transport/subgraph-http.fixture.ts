import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from "node:net";

/** A server on a free port that remembers what it was sent. */
export interface HttpFixture {
  readonly url: string;
  readonly received: { readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  /** Connections that were opened. */
  readonly connections: Socket[];
  /** Calls under way, and the most that there were at one time. */
  readonly calls: { now: number; most: number };
  stop(): Promise<void>;
}

export type Respond = (response: ServerResponse, body: string, request: IncomingMessage) => void;

export async function startHttpFixture(respond: Respond): Promise<HttpFixture> {
  const received: HttpFixture["received"] = [];
  const connections: Socket[] = [];
  const calls = { now: 0, most: 0 };
  const server: Server = createServer((request, response) => {
    calls.most = Math.max(calls.most, ++calls.now);
    response.on("close", () => calls.now--);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      received.push({ headers: request.headers, body });
      respond(response, body, request);
    });
  });
  server.on("connection", (socket) => connections.push(socket));
  const url = `http://127.0.0.1:${await listen(server)}/graphql`;
  return { url, received, connections, calls, stop: () => stop(server, connections) };
}

/**
 * A server that answers with bytes as they are told.
 *
 * @param respond is called with each request, once its head and its body have come
 */
export async function startRawFixture(respond: (socket: Socket, text: string) => void): Promise<RawFixture> {
  const connections: Socket[] = [];
  const server = createTcpServer((socket) => {
    connections.push(socket);
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      const length = /content-length: (\d+)\r\n/i.exec(text)?.[1] ?? "0";
      const head = text.indexOf("\r\n\r\n");
      if (head === -1 || Buffer.byteLength(text) < head + 4 + Number(length)) return;
      const request = text;
      text = "";
      respond(socket, request);
    });
    socket.on("error", () => {});
  });
  const url = `http://127.0.0.1:${await listen(server)}/graphql`;
  return { url, connections, stop: () => stop(server, connections) };
}

export type RawFixture = Pick<HttpFixture, "url" | "connections" | "stop">;

async function listen(server: TcpServer): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return (server.address() as AddressInfo).port;
}

function stop(server: TcpServer, connections: readonly Socket[]): Promise<void> {
  return new Promise((stopped) => {
    server.close(() => stopped());
    for (const connection of connections) connection.destroy();
  });
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on a free port that remembers what it was sent. */
export interface HttpFixture {
  readonly url: string;
  readonly received: { readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  stop(): Promise<void>;
}

export type Respond = (response: ServerResponse, body: string) => void;

export async function startHttpFixture(respond: Respond): Promise<HttpFixture> {
  const received: HttpFixture["received"] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      received.push({ headers: request.headers, body });
      respond(response, body);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    received,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

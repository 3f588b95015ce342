import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { cleanUp } from "./transports.fixture.ts";

export interface Http2Fixture {
  readonly url: string;
  /** To be trusted. */
  readonly certificate: string;
  readonly sessions: ServerHttp2Session[];
  /** The protocol of each request, with its method, its path and its body. */
  readonly received: {
    readonly version: string;
    readonly method: string | undefined;
    readonly path: string | undefined;
    readonly body: string;
  }[];
  /** Streams that ended before they were answered. */
  readonly abandoned: { count: number };
  /** The most requests that were under way at one time. */
  readonly calls: { now: number; most: number };
}

/** What an answer is written by, in either protocol. */
export interface Http2Response {
  end(body: string): unknown;
  /** Answers with a redirect. */
  redirect(status: number, location: string): unknown;
  destroy(): unknown;
}

/** A server with TLS on a free port that speaks HTTP/2, or HTTP/1.1 alone. */
export async function startHttp2Fixture(
  respond: (response: Http2Response, body: string) => void,
  { http1 = false }: { readonly http1?: boolean } = {},
): Promise<Http2Fixture> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2048,
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  const sessions: ServerHttp2Session[] = [];
  const received: Http2Fixture["received"] = [];
  const abandoned = { count: 0 };
  const calls = { now: 0, most: 0 };
  const answer = (
    request: Http2ServerRequest | IncomingMessage,
    response: Http2ServerResponse | ServerResponse,
  ) => {
    calls.most = Math.max(calls.most, ++calls.now);
    response.on("close", () => {
      calls.now--;
      if (!response.writableEnded) abandoned.count++;
    });
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      received.push({ version: request.httpVersion, method: request.method, path: request.url, body });
      const redirect = (status: number, location: string) => {
        response.statusCode = status;
        response.setHeader("location", location);
        response.end();
      };
      respond(
        { end: (text) => response.end(text), redirect, destroy: () => sessions.at(-1)?.destroy() },
        body,
      );
    });
  };
  const server = http1
    ? createHttpsServer({ key, cert }, answer)
    : // As a server does that has no preference of its own.
      createSecureServer({ key, cert, ALPNCallback: ({ protocols }) => protocols[0] }, answer);
  server.on("session", (session: ServerHttp2Session) => sessions.push(session));
  await new Promise<void>((ready) => server.listen(0, "localhost", ready));
  cleanUp(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((stopped) => server.close(stopped));
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}/graphql`;
  return { url, certificate: cert, sessions, received, abandoned, calls };
}

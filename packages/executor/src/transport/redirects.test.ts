import { RemoteGraphQLDataSource } from "@apollo/gateway";
import { expect, test } from "vitest";
import { SubgraphDataSource } from "../subgraph/subgraph-data-source.ts";
import { promised } from "./dispatch.ts";
import { startHttp2Fixture } from "./http2.fixture.ts";
import { createHttpTransport } from "./http-transport.ts";
import { followRedirects, RedirectError } from "./redirects.ts";
import { startHttpFixture } from "./subgraph-http.fixture.ts";
import type { Transport, TransportRequest } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import { call, cleanUp, failureOf, TRANSPORTS } from "./transports.fixture.ts";
import { createUndiciTransport } from "./undici-transport.ts";

function following(transport: Transport) {
  cleanUp(transport.close);
  const dispatch = followRedirects(transport);
  return (request: TransportRequest) => promised((receiver) => dispatch(request, receiver));
}

const HEADERS = { authorization: "Bearer t", "x-tenant": "one" };

test.each([
  [302, "GET", ""],
  [308, "POST", "{}"],
])("goes on by HTTP/2 with status %i", async (status, method, body) => {
  const fixture = await startHttp2Fixture((response) =>
    fixture.received.length === 1 ? response.redirect(status, "/new") : response.end("there"),
  );
  const send = following(createUndiciTransport({ tls: { ca: fixture.certificate } }));
  const answer = await send(call(fixture.url, { headers: HEADERS }));
  expect(answer).toMatchObject({ status: 200, body: "there", url: new URL("/new", fixture.url).href });
  expect(fixture.received).toEqual([
    { version: "2.0", method: "POST", path: "/graphql", body: "{}" },
    { version: "2.0", method, path: "/new", body },
  ]);
});

test("goes from http to https by one transport, without credentials", async () => {
  const secure = await startHttp2Fixture((response) => response.end("there"));
  const plain = await startHttpFixture((response) => response.writeHead(307, { location: secure.url }).end());
  cleanUp(plain.stop);
  const send = following(createHttpTransport({ tls: { ca: secure.certificate } }));
  expect((await send(call(plain.url, { headers: HEADERS }))).body).toBe("there");
  expect(secure.received).toMatchObject([{ method: "POST", body: "{}" }]);
});

test("never goes from https to http, where stock does", async () => {
  const plain = await startHttpFixture((response) =>
    response.writeHead(200, { "content-type": "application/json" }).end('{"data":{"a":1}}'),
  );
  cleanUp(plain.stop);
  const secure = await startHttp2Fixture((response) => response.redirect(307, plain.url));
  const send = following(createUndiciTransport({ tls: { ca: secure.certificate } }));
  const failure = await failureOf(send(call(secure.url)));
  expect(failure).toBeInstanceOf(RedirectError);
  expect(failure).toMatchObject({
    code: "EINSECUREREDIRECT",
    message: `redirect from https to http refused at: ${secure.url}`,
  });
  expect(plain.received).toEqual([]);

  const other = await startHttp2Fixture((response) => response.redirect(307, plain.url), { http1: true });
  const stock = new RemoteGraphQLDataSource({ url: other.url });
  const { fetcher } = stock;
  stock.fetcher = ((url: string, options: object) =>
    fetcher(url, { ...options, ca: other.certificate } as never)) as never;
  await stock.process({ kind: "loading schema" as never, request: { query: "{ a }" }, context: {} });
  expect(plain.received).toHaveLength(1);
});

test("sends a mutation to each place once, and not again where the last one gives no answer", async () => {
  const last = await startHttpFixture((_response, _body, request) => request.socket.destroy());
  cleanUp(last.stop);
  const first = await startHttpFixture((response) => response.writeHead(307, { location: last.url }).end());
  cleanUp(first.stop);
  for (const { create } of TRANSPORTS) {
    const send = following(create());
    const failure = await failureOf(send(call(first.url)));
    expect(failure).toBeInstanceOf(TransportError);
    expect(failure.message).toContain(`request to ${last.url} failed`);
  }
  expect(first.received).toHaveLength(TRANSPORTS.length);
  expect(last.received).toHaveLength(TRANSPORTS.length);
});

test("ends with its client, who may leave between two redirects", async () => {
  const fixture = await startHttpFixture((response) =>
    response.writeHead(307, { location: "/graphql" }).end(),
  );
  cleanUp(fixture.stop);
  for (const { create } of TRANSPORTS) {
    const client = new AbortController();
    const transport = create();
    const send = following({
      ...transport,
      async send(request) {
        const answer = await transport.send(request);
        client.abort(new Error("left"));
        return answer;
      },
    });
    const failure = await failureOf(send(call(fixture.url, { signal: client.signal })));
    expect(failure).toBeInstanceOf(TransportError);
    expect(failure.message).toContain("left");
  }
  expect(fixture.received).toHaveLength(TRANSPORTS.length);
});

test("a data source that is told not to follow redirects takes them for errors", async () => {
  const fixture = await startHttpFixture((response) =>
    response.writeHead(307, { location: "/new" }).end("no"),
  );
  cleanUp(fixture.stop);
  const transport = createHttpTransport();
  cleanUp(transport.close);
  const source = new SubgraphDataSource({ url: fixture.url, transport, redirects: false });
  const failure = await failureOf(
    source.process({ kind: "loading schema" as never, request: { query: "{ a }" }, context: {} }),
  );
  expect(failure.message).toBe("307: Temporary Redirect");
  expect(fixture.received).toHaveLength(1);
});

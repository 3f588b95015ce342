import { expect, test } from "vitest";
import { type Http2Fixture, startHttp2Fixture } from "./http2.fixture.ts";
import { createHttpTransport } from "./http-transport.ts";
import { startRawFixture } from "./subgraph-http.fixture.ts";
import { startStuckListener } from "./stuck-listener.fixture.ts";
import { call, cleanUp, failureOf, TRANSPORTS } from "./transports.fixture.ts";
import { createUndiciTransport, type UndiciTransportOptions } from "./undici-transport.ts";

function transportTo(fixture: Http2Fixture, options: UndiciTransportOptions = {}) {
  const transport = createUndiciTransport({ tls: { ca: fixture.certificate }, ...options });
  cleanUp(transport.close);
  return transport;
}

test("speaks HTTP/2 where TLS settles on it, with all calls over one connection at the same time", async () => {
  const held: (() => void)[] = [];
  const fixture = await startHttp2Fixture((response, body) => held.push(() => response.end(`${body} é`)));
  const transport = transportTo(fixture);
  const answers = Promise.all(
    Array.from({ length: 20 }, (_, index) => transport.send(call(fixture.url, { body: `${index}` }))),
  );
  await expect.poll(() => held.length).toBe(20);
  for (const answer of held.toReversed()) answer();
  expect((await answers).map(({ status, body }) => [status, body])).toEqual(
    Array.from({ length: 20 }, (_, index) => [200, `${index} é`]),
  );
  expect(fixture.calls.most).toBe(20);
  expect(fixture.sessions).toHaveLength(1);
  expect(new Set(fixture.received.map(({ version }) => version))).toEqual(new Set(["2.0"]));
});

test("falls back to HTTP/1.1 where the subgraph has nothing else", async () => {
  const fixture = await startHttp2Fixture((response, body) => response.end(body), {
    http1: true,
  });
  const transport = transportTo(fixture);
  const answers = await Promise.all(["a", "b"].map((body) => transport.send(call(fixture.url, { body }))));
  expect(answers.map(({ body }) => body)).toEqual(["a", "b"]);
  expect(fixture.received.map(({ version }) => version)).toEqual(["1.1", "1.1"]);
  expect(fixture.sessions).toEqual([]);
});

test("the transport for all URLs speaks to http and to https", async () => {
  const fixture = await startHttp2Fixture((response, body) => response.end(body));
  const plain = await startRawFixture((socket) =>
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
  );
  cleanUp(plain.stop);
  const transport = createHttpTransport({ tls: { ca: fixture.certificate } });
  cleanUp(transport.close);
  expect((await transport.send(call(fixture.url, { body: "tls" }))).body).toBe("tls");
  expect((await transport.send(call(plain.url))).body).toBe("ok");
  await transport.close();
  await expect.poll(() => plain.connections[0]?.destroyed).toBe(true);
});

test("refuses a certificate that nobody vouches for", async () => {
  const fixture = await startHttp2Fixture((response) => response.end("secret"));
  const transport = createUndiciTransport();
  cleanUp(transport.close);
  const failure = await failureOf(transport.send(call(fixture.url)));
  expect(failure.code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(fixture.received).toEqual([]);
});

test("ends a call over HTTP/2 when its client leaves, and no other", async () => {
  let answer = () => {};
  const fixture = await startHttp2Fixture((response, body) => {
    if (body === "stays") answer = () => response.end(body);
  });
  const transport = transportTo(fixture);
  const client = new AbortController();
  const leaves = transport.send(call(fixture.url, { body: "leaves", signal: client.signal }));
  const stays = transport.send(call(fixture.url, { body: "stays" }));
  await expect.poll(() => fixture.received.length).toBe(2);
  client.abort(new Error("left"));
  expect((await failureOf(leaves)).message).toContain("left");
  await expect.poll(() => fixture.abandoned.count).toBe(1);
  answer();
  expect((await stays).body).toBe("stays");
  expect(fixture.sessions).toHaveLength(1);
});

test("bounds answers over HTTP/2, and the time that they take", async () => {
  const fixture = await startHttp2Fixture((response, body) => {
    if (body === "large") response.end("x".repeat(2_000));
  });
  const bounded = transportTo(fixture, { responseLimitBytes: 1_000 });
  const large = await failureOf(bounded.send(call(fixture.url, { body: "large" })));
  expect(large.message).toContain("more than 1000 bytes");
  const hasty = transportTo(fixture, { headersTimeout: 100 });
  expect((await failureOf(hasty.send(call(fixture.url)))).code).toBe("UND_ERR_HEADERS_TIMEOUT");
});

test("sends a query again when an HTTP/2 session ends before its answer, and a mutation never", async () => {
  let isDown = true;
  const fixture = await startHttp2Fixture((response, body) => {
    if (isDown) response.destroy();
    else response.end(body);
    isDown = false;
  });
  const transport = transportTo(fixture);
  expect((await transport.send(call(fixture.url, { body: "query", idempotent: true }))).body).toBe("query");
  isDown = true;
  await failureOf(transport.send(call(fixture.url, { body: "mutation" })));
  expect(fixture.received.map(({ body }) => body)).toEqual(["query", "query", "mutation"]);
});

test.each(TRANSPORTS)("$name gives up on a connection that does not come about", async ({ create }) => {
  const port = await startStuckListener();
  const transport = create({ connectTimeout: 100 });
  cleanUp(transport.close);
  const failure = await failureOf(transport.send(call(`http://127.0.0.1:${port}/`, { idempotent: true })));
  expect(failure.code).toBe("UND_ERR_CONNECT_TIMEOUT");
});

test("gives up on a subgraph that takes the connection and says nothing of TLS", async () => {
  const silent = await startRawFixture(() => {});
  cleanUp(silent.stop);
  const transport = createUndiciTransport({ connectTimeout: 100 });
  cleanUp(transport.close);
  const url = silent.url.replace("http:", "https:");
  expect((await failureOf(transport.send(call(url)))).code).toBe("UND_ERR_CONNECT_TIMEOUT");
});

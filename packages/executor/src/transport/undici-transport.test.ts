import { afterEach, expect, test } from "vitest";
import { type HttpFixture, type Respond, startHttpFixture } from "./subgraph-http.fixture.ts";
import { TransportError } from "./transport-error.ts";
import { createUndiciTransport, type UndiciTransportOptions } from "./undici-transport.ts";
import type { Transport } from "./transport.ts";

const started: { fixture: HttpFixture; transport: Transport }[] = [];

afterEach(async () => {
  for (const { fixture, transport } of started.splice(0)) {
    await fixture.stop();
    await transport.close();
  }
});

async function start(respond: Respond, options?: UndiciTransportOptions) {
  const fixture = await startHttpFixture(respond);
  const transport = createUndiciTransport(options);
  started.push({ fixture, transport });
  return { fixture, transport };
}

test("sends a body with headers, and gives status, headers and text of the answer", async () => {
  const { fixture, transport } = await start((response) => {
    response.writeHead(418, "Teapot", { "content-type": "text/plain", "x-many": ["a", "b"] });
    response.write(Buffer.from("caf\u00e9").subarray(0, 4));
    response.end(Buffer.from("caf\u00e9").subarray(4));
  });
  const answer = await transport.send({
    url: fixture.url,
    headers: { authorization: "Bearer t" },
    body: '{"a":"é"}',
  });
  expect(answer).toMatchObject({ status: 418, statusText: "Teapot", body: "café" });
  expect(answer.headers).toMatchObject({ "content-type": "text/plain", "x-many": "a, b" });
  expect(fixture.received).toHaveLength(1);
  expect(fixture.received[0]).toMatchObject({ body: '{"a":"é"}', headers: { authorization: "Bearer t" } });
});

test("says that nobody listens", async () => {
  const { fixture, transport } = await start((response) => response.end());
  await fixture.stop();
  const failure = await transport
    .send({ url: fixture.url, headers: {}, body: "{}" })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TransportError);
  expect(failure).toMatchObject({ code: "ECONNREFUSED" });
  expect((failure as Error).message).toContain(`request to ${fixture.url} failed, reason: `);
});

test("gives up on a subgraph that does not answer in time, and sends nothing twice", async () => {
  const { fixture, transport } = await start(() => {}, { headersTimeout: 50 });
  await expect(transport.send({ url: fixture.url, headers: {}, body: "{}" })).rejects.toMatchObject({
    code: "UND_ERR_HEADERS_TIMEOUT",
  });
  expect(fixture.received).toHaveLength(1);
});

test("fails where the connection ends in the middle of an answer", async () => {
  const { fixture, transport } = await start((response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{");
    setTimeout(() => response.destroy(), 10);
  });
  await expect(transport.send({ url: fixture.url, headers: {}, body: "{}" })).rejects.toBeInstanceOf(
    TransportError,
  );
  expect(fixture.received).toHaveLength(1);
});

test("refuses an answer that is larger than the bound", async () => {
  const { fixture, transport } = await start((response) => response.end("x".repeat(2_000)), {
    responseLimitBytes: 1_000,
  });
  await expect(transport.send({ url: fixture.url, headers: {}, body: "{}" })).rejects.toThrow(
    "more than 1000 bytes",
  );
});

test("ends a call when its signal says so, before and while it is under way", async () => {
  let closed = 0;
  const { fixture, transport } = await start((response) => response.on("close", () => closed++));
  const early = AbortSignal.abort(new Error("left"));
  await expect(transport.send({ url: fixture.url, headers: {}, body: "{}", signal: early })).rejects.toThrow(
    "left",
  );
  expect(fixture.received).toHaveLength(0);

  const client = new AbortController();
  const call = transport.send({ url: fixture.url, headers: {}, body: "{}", signal: client.signal });
  await expect.poll(() => fixture.received.length).toBe(1);
  client.abort(new Error("left later"));
  await expect(call).rejects.toThrow("left later");
  await expect.poll(() => closed).toBe(1);
});

import { execFile } from "node:child_process";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Respond, startHttpFixture, startRawFixture } from "./subgraph-http.fixture.ts";
import { dispatchOf, promised } from "./dispatch.ts";
import type { Transport } from "./transport.ts";
import { TransportError } from "./transport-error.ts";
import type { HttpTransportOptions } from "./transport-options.ts";
import { call, cleanUp, failureOf, TRANSPORTS } from "./transports.fixture.ts";

const run = promisify(execFile);

describe.each(TRANSPORTS)("$name", ({ name, create }) => {
  async function start(respond: Respond, options?: HttpTransportOptions) {
    const transport = create(options);
    cleanUp(transport.close);
    const fixture = await startHttpFixture(respond);
    cleanUp(fixture.stop);
    return { fixture, transport };
  }

  test("sends a body with headers, and gives status, headers and text of the answer", async () => {
    const { fixture, transport } = await start((response) => {
      response.writeHead(418, "Teapot", { "content-type": "text/plain", "x-many": ["a", "b"] });
      response.write(Buffer.from("caf\u00e9").subarray(0, 4));
      response.end(Buffer.from("caf\u00e9").subarray(4));
    });
    const headers = { authorization: "Bearer t" };
    const answer = await transport.send(call(`${fixture.url}?a=b`, { headers, body: '{"a":"é"}' }));
    expect(answer).toMatchObject({ status: 418, statusText: "Teapot", body: "café" });
    expect(answer.headers).toMatchObject({ "content-type": "text/plain", "x-many": "a, b" });
    expect(fixture.received).toHaveLength(1);
    expect(fixture.received[0]).toMatchObject({ body: '{"a":"é"}', headers });
  });

  test("is not gone past where somebody wraps its way to send", async () => {
    const { fixture, transport } = await start((response) => response.end("own"));
    const wrapped: Transport = {
      ...transport,
      send: async (request) => ({ ...(await transport.send(request)), body: "wrapped" }),
    };
    const answer = await promised((receiver) => dispatchOf(wrapped)(call(fixture.url), receiver));
    expect(answer.body).toBe("wrapped");
  });

  test.each([
    ["nothing", ""],
    ["more than one read takes", "0123456789".repeat(50_000)],
    ["characters of all lengths", "a é € 😀 ".repeat(20_000)],
  ])("carries a body of %s there and back", async (_name, body) => {
    const { fixture, transport } = await start((response, sent) => response.end(sent));
    const answer = await transport.send(call(fixture.url, { body }));
    expect(answer.body === body).toBe(true);
  });

  test("refuses headers that would be another request", async () => {
    const { fixture, transport } = await start((response) => response.end());
    for (const headers of [
      { "x-a": "b\r\nx-c: d" },
      { "x-a: b\r\nx-c": "d" },
      { "transfer-encoding": "chunked" },
    ]) {
      expect(await failureOf(transport.send(call(fixture.url, { headers })))).toBeInstanceOf(TransportError);
    }
    expect(fixture.received).toEqual([]);
  });

  test("says that nobody listens, and what a URL is not", async () => {
    const { fixture, transport } = await start((response) => response.end());
    await fixture.stop();
    const failure = await failureOf(transport.send(call(fixture.url)));
    expect(failure).toBeInstanceOf(TransportError);
    expect(failure.code).toBe("ECONNREFUSED");
    expect(failure.message).toContain(`request to ${fixture.url} failed, reason: `);
    expect(await failureOf(transport.send(call("nowhere")))).toBeInstanceOf(TransportError);
  });

  test("uses a connection again, for one call at a time", async () => {
    const { fixture, transport } = await start((response, body) => response.end(body));
    for (let sent = 0; sent < 5; sent++) {
      await transport.send(call(fixture.url));
      // Undici looks at a connection that was used before it uses it again.
      await setImmediate();
    }
    expect(fixture.connections).toHaveLength(1);
    await Promise.all(Array.from({ length: 3 }, () => transport.send(call(fixture.url))));
    expect(fixture.connections).toHaveLength(3);
  });

  test("does not use a connection again that the subgraph closes", async () => {
    const { fixture, transport } = await start((response) => response.setHeader("connection", "close").end());
    await transport.send(call(fixture.url));
    await transport.send(call(fixture.url));
    expect(fixture.connections).toHaveLength(2);
  });

  test("lets calls wait where there are as many connections as there may be", async () => {
    const held: (() => void)[] = [];
    const { fixture, transport } = await start((response, body) => held.push(() => response.end(body)), {
      connections: 2,
    });
    const bodies = Array.from({ length: 7 }, (_, index) => `{"call":${index}}`);
    const answers = Promise.all(bodies.map((body) => transport.send(call(fixture.url, { body }))));
    for (let answered = 0; answered < bodies.length; answered++) {
      await expect.poll(() => held.length).toBeGreaterThan(0);
      held.shift()?.();
    }
    expect((await answers).map(({ body }) => body)).toEqual(bodies);
    expect(fixture.calls.most).toBe(2);
    expect(fixture.connections).toHaveLength(2);
  });

  test("waits for calls under way when it closes, and takes no more", async () => {
    let answer = () => {};
    const { fixture, transport } = await start((response) => (answer = () => response.end("late")));
    const running = transport.send(call(fixture.url));
    await expect.poll(() => fixture.received.length).toBe(1);
    const justSent = transport.send(call(fixture.url));
    const closed = transport.close();
    expect(await failureOf(transport.send(call(fixture.url)))).toBeInstanceOf(TransportError);
    answer();
    expect((await running).body).toBe("late");
    await expect.poll(() => fixture.received.length).toBe(2);
    answer();
    expect((await justSent).body).toBe("late");
    await closed;
    await expect.poll(() => fixture.connections.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test("closes connections that rest for longer than they are kept", async () => {
    const transport = create({ keepAliveTimeout: 50 });
    cleanUp(transport.close);
    const fixture = await startRawFixture((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    );
    cleanUp(fixture.stop);
    await transport.send(call(fixture.url));
    await expect.poll(() => fixture.connections[0]?.destroyed).toBe(true);
  });

  test("does not use a connection that the subgraph is about to close", async () => {
    const transport = create();
    cleanUp(transport.close);
    const fixture = await startRawFixture((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=1\r\n\r\n"),
    );
    cleanUp(fixture.stop);
    await transport.send(call(fixture.url));
    await transport.send(call(fixture.url));
    expect(fixture.connections).toHaveLength(2);
  });

  test("does not keep a process alive for connections that rest", async () => {
    const fixture = await startRawFixture((socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    );
    cleanUp(fixture.stop);
    const { stdout } = await run(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { ${create.name} as create } from ${JSON.stringify(import.meta.resolve(`./${name}-transport.ts`))};
       const transport = create({ keepAliveTimeout: 3_600_000 });
       console.log((await transport.send({ url: "${fixture.url}", headers: {}, body: "{}" })).status);`,
    ]);
    expect(stdout).toBe("200\n");
  });
});

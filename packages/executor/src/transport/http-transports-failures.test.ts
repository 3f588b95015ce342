import { getEventListeners } from "node:events";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Respond, startHttpFixture, startRawFixture } from "./subgraph-http.fixture.ts";
import { TransportError } from "./transport-error.ts";
import type { HttpTransportOptions } from "./transport-options.ts";
import { call, cleanUp, failureOf, TRANSPORTS } from "./transports.fixture.ts";

describe.each(TRANSPORTS)("$name", ({ create }) => {
  async function start(respond: Respond, options?: HttpTransportOptions) {
    const transport = create(options);
    cleanUp(transport.close);
    const fixture = await startHttpFixture(respond);
    cleanUp(fixture.stop);
    return { fixture, transport };
  }

  describe("ends a call", () => {
    test("that is not answered in time, and does not send it again", async () => {
      const { fixture, transport } = await start(() => {}, { headersTimeout: 50 });
      const failure = await failureOf(transport.send(call(fixture.url, { idempotent: true })));
      expect(failure.code).toBe("UND_ERR_HEADERS_TIMEOUT");
      await expect.poll(() => fixture.connections[0]?.destroyed).toBe(true);
      expect(fixture.received).toHaveLength(1);
    });

    test("whose answer stops in the middle", async () => {
      const { fixture, transport } = await start((response) => void response.write("{"), { bodyTimeout: 50 });
      const failure = await failureOf(transport.send(call(fixture.url, { idempotent: true })));
      expect(failure.code).toBe("UND_ERR_BODY_TIMEOUT");
      expect(fixture.received).toHaveLength(1);
    });

    test("whose answer takes longer than the bound for each of its pieces, never", async () => {
      const { fixture, transport } = await start(
        (response) => {
          let left = 5;
          const timer = setInterval(() => {
            if (--left > 0) return response.write(".");
            clearInterval(timer);
            return response.end();
          }, 200);
        },
        { bodyTimeout: 700, headersTimeout: 700 },
      );
      expect((await transport.send(call(fixture.url))).body).toBe("....");
    });

    test.each([
      ["tells its length", { "content-length": "2000" }],
      ["does not", {}],
    ])("whose answer is larger than the bound, where it %s", async (_name, headers) => {
      const { fixture, transport } = await start(
        (response) => response.writeHead(200, headers).end("x".repeat(2_000)),
        { responseLimitBytes: 1_000 },
      );
      const failure = await failureOf(transport.send(call(fixture.url)));
      expect(failure.message).toContain("more than 1000 bytes");
      await expect.poll(() => fixture.connections[0]?.destroyed).toBe(true);
    });

    test("before it is sent, where its client has left", async () => {
      const { fixture, transport } = await start((response) => response.end());
      const signal = AbortSignal.abort(new Error("left"));
      expect((await failureOf(transport.send(call(fixture.url, { signal })))).message).toContain("left");
      expect(fixture.received).toEqual([]);
    });

    test("when its client leaves, which the subgraph sees, and nobody else", async () => {
      let closed = 0;
      const { fixture, transport } = await start((response, body) => {
        if (body === "other") return response.end(body);
        response.on("close", () => closed++);
      });
      const client = new AbortController();
      const calls = Array.from({ length: 20 }, () =>
        transport.send(call(fixture.url, { signal: client.signal })),
      );
      const warnings: Error[] = [];
      const onWarning = (warning: Error) => warnings.push(warning);
      process.on("warning", onWarning);
      await expect.poll(() => fixture.received.length).toBe(20);
      client.abort(new Error("left later"));
      for (const each of calls) expect((await failureOf(each)).message).toContain("left later");
      await expect.poll(() => closed).toBe(20);
      const stays = new AbortController().signal;
      expect((await transport.send(call(fixture.url, { body: "other", signal: stays }))).body).toBe("other");
      expect(getEventListeners(stays, "abort")).toEqual([]);
      process.off("warning", onWarning);
      expect(warnings).toEqual([]);
    });

    test("while it waits for a connection, and then never sends it", async () => {
      let answer = () => {};
      const { fixture, transport } = await start((response) => (answer = () => response.end()), {
        connections: 1,
      });
      const first = transport.send(call(fixture.url, { body: "first" }));
      await expect.poll(() => fixture.received.length).toBe(1);
      const client = new AbortController();
      const second = transport.send(call(fixture.url, { body: "second", signal: client.signal }));
      const third = transport.send(call(fixture.url, { body: "third" }));
      client.abort(new Error("left"));
      await failureOf(second);
      answer();
      await first;
      await expect.poll(() => fixture.received.length).toBe(2);
      answer();
      await third;
      expect(fixture.received.map(({ body }) => body)).toEqual(["first", "third"]);
    });
  });

  describe("where a connection ends", () => {
    test("in the middle of an answer, fails, and does not send again", async () => {
      const { fixture, transport } = await start((response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("{", () => response.destroy());
      });
      const failure = await failureOf(transport.send(call(fixture.url, { idempotent: true })));
      expect(failure).toBeInstanceOf(TransportError);
      expect(fixture.received).toHaveLength(1);
    });

    /** A subgraph that closes each connection when the second call comes over it, as if it had been idle too long. */
    async function startImpatient() {
      const calls = new Map<object, number>();
      return start((response, body, { socket }) => {
        const count = (calls.get(socket) ?? 0) + 1;
        calls.set(socket, count);
        if (count === 2) socket.destroy();
        else response.end(body);
      });
    }

    test("before the answer, sends what is idempotent once more, on a new connection", async () => {
      const { fixture, transport } = await startImpatient();
      await Promise.all([1, 2, 3].map(() => transport.send(call(fixture.url))));
      expect(fixture.connections).toHaveLength(3);
      await setImmediate();
      const answer = await transport.send(call(fixture.url, { idempotent: true, body: "query" }));
      expect(answer.body).toBe("query");
      expect(fixture.received.filter(({ body }) => body === "query")).toHaveLength(2);
      expect(fixture.connections).toHaveLength(4);
    });

    test("before the answer, never sends a mutation twice", async () => {
      const { fixture, transport } = await startImpatient();
      await transport.send(call(fixture.url));
      await setImmediate();
      const failure = await failureOf(transport.send(call(fixture.url, { body: "mutation" })));
      expect(failure).toBeInstanceOf(TransportError);
      expect(fixture.received.filter(({ body }) => body === "mutation")).toHaveLength(1);
    });

    test("before each answer, gives up after the second time", async () => {
      const { fixture, transport } = await start((response) => response.destroy());
      expect(await failureOf(transport.send(call(fixture.url, { idempotent: true })))).toBeInstanceOf(
        TransportError,
      );
      expect(fixture.received).toHaveLength(2);
    });

    test("before the answer, does not try another connection that may have ended, too", async () => {
      const held: { body: string; answer: () => void; lose: () => void }[] = [];
      const used = new Set<object>();
      const { fixture, transport } = await start((response, body, { socket }) => {
        if (!used.has(socket) || body.startsWith("held")) {
          held.push({ body, answer: () => response.end(body), lose: () => socket.destroy() });
        } else if (body === "query") held.push({ body, answer: () => {}, lose: () => socket.destroy() });
        used.add(socket);
      });
      const send = (body: string) => transport.send(call(fixture.url, { body, idempotent: true }));
      const next = async (count: number) => {
        await expect.poll(() => held.length).toBe(count);
        return held.splice(0);
      };
      const opening = [send("held 1"), send("held 2")];
      for (const { answer } of await next(2)) answer();
      await Promise.all(opening);
      await setImmediate();
      const busy = send("held 3");
      const [first] = await next(1);
      const query = send("query");
      const [second] = await next(1);
      first?.answer();
      await busy;
      await setImmediate();
      second?.lose();
      const [third] = await next(1);
      third?.answer();
      expect((await query).body).toBe("query");
      expect(fixture.connections).toHaveLength(3);
    });

    test("behind an answer, is not used for a mutation", async () => {
      const transport = create();
      cleanUp(transport.close);
      const fixture = await startRawFixture((socket) =>
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
      );
      cleanUp(fixture.stop);
      for (let sent = 1; sent <= 20; sent++) {
        await transport.send(call(fixture.url));
        const socket = fixture.connections[sent - 1];
        const ended = new Promise((resolve) => socket?.once("finish", resolve));
        socket?.end();
        // It has been sent, and not been read.
        await ended;
      }
      expect(fixture.connections).toHaveLength(20);
    });

    test("while it rests, opens another one, for mutations too", async () => {
      const { fixture, transport } = await start((response, body) => response.end(body));
      await transport.send(call(fixture.url));
      const [resting] = fixture.connections;
      const gone = new Promise((closed) => resting?.once("close", closed));
      resting?.end();
      await gone;
      expect((await transport.send(call(fixture.url, { body: "mutation" }))).body).toBe("mutation");
      expect(fixture.received).toHaveLength(2);
    });
  });
});

import { once } from "node:events";
import net from "node:net";
import type { ExecutionResult } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FrontFixture, startFront } from "./front.fixture.ts";

/** Reads from connections itself where it can. */
let direct: FrontFixture;
/** The same front where every request is node:http's, and Apollo Server's. */
let oracle: FrontFixture;
beforeAll(async () => {
  direct = await startFront();
  oracle = await startFront({ plugins: [{ plugin: {}, onShortAnswer: null }] });
  for (const front of [direct, oracle]) {
    // Until they are known, operations go through Apollo Server.
    for (const query of ["{ hello }", "{ broken }"])
      await front.ask({ body: JSON.stringify({ query }), headers: { accept: "*/*" } });
  }
});
afterAll(() => Promise.all([direct, oracle].map((front) => front.stop())));

const BODY = JSON.stringify({ query: "{ hello }" });

/** A request as bytes. */
function request(headers: readonly string[] = [], body = BODY, line = "POST /graphql HTTP/1.1"): string {
  const own = ["Host: a.example", "Content-Type: application/json", "Accept: */*", "X-Request-Id: r"];
  return [line, ...own, `Content-Length: ${Buffer.byteLength(body)}`, ...headers, "", body].join("\r\n");
}

const last = request(["Connection: close"]);

function portOf({ url }: FrontFixture): number {
  return Number(new URL(url).port);
}

/**
 * Sends pieces over one connection, each in a packet of its own, and gives what came until it is closed.
 *
 * @param first whether the first piece is a request whose answer is waited for before others are sent
 */
async function exchange(front: FrontFixture, pieces: readonly string[], first?: "answered"): Promise<string> {
  const socket = net.connect({ port: portOf(front), host: "127.0.0.1", noDelay: true });
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => (received += text));
  socket.on("error", () => {});
  const closed = once(socket, "close");
  await once(socket, "connect");
  const answered = first === "answered" ? Promise.race([once(socket, "data"), closed]) : null;
  for (const piece of pieces) {
    socket.write(piece, "latin1");
    await answered;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await closed;
  return received.replaceAll(/^date: .*\r\n/gim, "");
}

/** Status lines, headers sorted, bodies. */
function normal(received: string): readonly string[] {
  return received.split(/(?=HTTP\/1\.1 \d)/).map((answer) => {
    const [head = "", ...rest] = answer.split("\r\n\r\n");
    const [status = "", ...headers] = head.split("\r\n");
    return [status, ...headers.map((line) => line.toLowerCase()).toSorted(), ...rest].join("\n");
  });
}

describe("requests of all kinds are answered as by node:http, between others over the same connection:", () => {
  const long = "x".repeat(20_000);
  const odd: Readonly<Record<string, string>> = {
    "a plain one": request(),
    "one in capitals": request().replace("Content-Length", "CONTENT-LENGTH"),
    "spaces around values": request(["X-Tenant:  \ta  \t"]),
    "an empty value": request(["X-Tenant:"]),
    "a header twice": request(["X-Tenant: a", "X-Tenant: b"]),
    "another host as well": request(["Host: b.example"]),
    "a content type twice": request(["Content-Type: text/plain"]),
    "a name that objects have": request(["constructor: x", "__proto__: y", "toString: z"]),
    "no host": request().replace(/Host: .*\r\n/, ""),
    "a folded line": request(["X-Tenant: a\r\n b"]),
    "a space before the colon": request(["X-Tenant : a"]),
    "no colon": request(["X-Tenant"]),
    "no name": request([": a"]),
    "a NUL in a value": request(["X-Tenant: a\0b"]),
    "a bare line feed in a value": request(["X-Tenant: a\nX-Other: b"]),
    "a bare carriage return in a value": request(["X-Tenant: a\rb"]),
    "a value beyond ASCII": request(["X-Tenant: \xe9"]),
    "a head that is too long": request([`X-Tenant: ${long}`]),
    "two lengths, equal": request([`Content-Length: ${BODY.length}`]),
    "two lengths": request(["Content-Length: 3"]),
    "a length with a sign": request().replace("Content-Length: ", "Content-Length: +"),
    "a length with leading zeros": request().replace("Content-Length: ", "Content-Length: 00"),
    "a length that is none": request().replace(/Content-Length: \d+/, "Content-Length: x"),
    "a length of 0": request([], ""),
    "no length": request()
      .replace(/Content-Length: .*\r\n/, "")
      .replace(BODY, ""),
    chunks: request(
      ["Transfer-Encoding: chunked"],
      `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
    ).replace(/Content-Length: .*\r\n/, ""),
    "chunks beside a length": request(
      ["Transfer-Encoding: chunked"],
      `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
    ),
    "an expectation": request(["Expect: 100-continue"]),
    "an unknown expectation": request(["Expect: nothing"]),
    "an upgrade": request(["Connection: Upgrade", "Upgrade: websocket"]),
    "a connection to be kept": request(["Connection: Keep-Alive"]),
    "a connection to be kept, and more": request(["Connection: keep-alive, x"]),
    "HTTP/1.0": request([], BODY, "POST /graphql HTTP/1.0"),
    "HTTP/1.0, to be kept": request(["Connection: keep-alive"], BODY, "POST /graphql HTTP/1.0"),
    "another method": request([], BODY, "PUT /graphql HTTP/1.1"),
    "a method in small letters": request([], BODY, "post /graphql HTTP/1.1"),
    "another path": request([], BODY, "POST /nothing HTTP/1.1"),
    "a path with a query": request([], BODY, "POST /graphql?a=b HTTP/1.1"),
    "the whole URL": request([], BODY, "POST http://a.example/graphql HTTP/1.1"),
    "two spaces in the line": request([], BODY, "POST  /graphql HTTP/1.1"),
    "an empty line before it": `\r\n${request()}`,
    "no HTTP": "hello\r\n\r\n",
    "a GET": "GET /health/ready HTTP/1.1\r\nHost: a.example\r\n\r\n",
    "another content type": request().replace("application/json", "text/plain"),
    "a body that is no JSON": request([], "{"),
    "a body beyond ASCII": request(
      [],
      Buffer.from(JSON.stringify({ query: "{ hello } # é€" })).toString("latin1"),
    ),
    "a body that is no UTF-8": request([], '{"query":"{ hello } # \xff"}'),
    "a body that is too large": request([], JSON.stringify({ query: "{ hello }", id: "x".repeat(11_000) })),
    "a body that is larger than is read here": request(
      [],
      JSON.stringify({ query: "{ hello }", id: "x".repeat(100_000) }),
    ),
    "an operation with errors": request([], JSON.stringify({ query: "{ broken }" })),
    "an operation that is not known": request([], JSON.stringify({ query: `{ hello } # ${Math.random()}` })),
    "a token that is refused": request(["Authorization: bad"]),
    "two tokens": request(["Authorization: later", "AUTHORIZATION: later"]),
    "a token that is refused later": request(["Authorization: bad later"]),
  };

  test.each(Object.entries(odd))("%s", async (_, bytes) => {
    const pieces = [request(), bytes, last];
    const [got, expected] = await Promise.all(
      [direct, oracle].map((front) => exchange(front, pieces, "answered")),
    );
    expect(normal(got as string)).toEqual(normal(expected as string));
  });

  // What comes in one packet behind a request for an upgrade is lost to node:http, which has no upgrades here.
  const together = Object.entries(odd).filter(([name]) => name !== "an upgrade");
  test.each(together)("%s, all in one packet", async (_, bytes) => {
    const got = await exchange(direct, [request() + bytes + last]);
    // Where it refuses a request, node:http drops those before it that are not answered yet.
    expect(normal(got)).toEqual(normal(await exchange(oracle, [request(), bytes + last], "answered")));
  });
});

test("a request may come in two pieces, cut anywhere", async () => {
  const expected = normal(await exchange(direct, [request(), last]));
  const all = request();
  for (let cut = 1; cut < all.length; cut += 3) {
    const before = direct.counts.node;
    const got = await exchange(direct, [all.slice(0, cut), all.slice(cut), last]);
    expect(normal(got)).toEqual(expected);
    // The last one says that the connection is to be closed.
    expect(direct.counts.node - before).toBe(1);
  }
});

test("answers come in the order of requests, however many are sent ahead", async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `id-${index}`);
  const sent = ids.map((id) => request().replace("X-Request-Id: r", `X-Request-Id: ${id}`)).join("");
  const got = await exchange(direct, [sent + last]);
  expect([...got.matchAll(/x-request-id: (\S+)/g)].map(([, id]) => id)).toEqual([...ids, "r"]);
});

test("a client that sends the half of a request and ends gets what node:http says", async () => {
  for (const cut of [10, 60, request().length - 5]) {
    const [got, expected] = await Promise.all(
      [direct, oracle].map(async (front) => {
        const socket = net.connect({ port: portOf(front), host: "127.0.0.1", allowHalfOpen: true });
        let received = "";
        socket.setEncoding("utf8").on("data", (text: string) => (received += text));
        socket.end(request().slice(0, cut));
        await once(socket, "close");
        return received.replaceAll(/^date: .*\r\n/gim, "");
      }),
    );
    expect(got).toBe(expected);
  }
});

describe("a server that stops", () => {
  async function startHeld() {
    const runs: ((result: ExecutionResult) => void)[] = [];
    let held = false;
    const front = await startFront({
      execute: () =>
        held ? new Promise((resolve) => runs.push(resolve)) : Promise.resolve({ data: { hello: "at once" } }),
    });
    await front.ask({ body: BODY, headers: { accept: "*/*" } });
    held = true;
    return { front, runs };
  }

  test("does not wait for connections that rest", async () => {
    const { front, runs } = await startHeld();
    const socket = net.connect({ port: portOf(front), host: "127.0.0.1" });
    socket.on("error", () => {});
    socket.write(request());
    await expect.poll(() => runs.length).toBe(1);
    runs[0]?.({ data: { hello: "x" } });
    await once(socket, "data");
    const closed = once(socket.resume(), "close");
    await front.stop();
    await closed;
  });

  test("finishes what is under way, as the last of its connection", async () => {
    const { front, runs } = await startHeld();
    const socket = net.connect({ port: portOf(front), host: "127.0.0.1" });
    let received = "";
    socket.setEncoding("utf8").on("data", (text: string) => (received += text));
    const closed = once(socket, "close");
    socket.write(request());
    await expect.poll(() => runs.length).toBe(1);
    const stopped = front.stop();
    await new Promise((resolve) => setTimeout(resolve, 50));
    runs[0]?.({ data: { hello: "in the end" } });
    await Promise.all([stopped, closed]);
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*in the end/i);
  });
});

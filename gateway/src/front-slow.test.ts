import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FrontFixture, startFront } from "./front.fixture.ts";

/** In milliseconds; so short that a test can see them pass. */
const bounds = { headers: 300, request: 600, response: 600, keepAlive: 400 };
/** Between two pieces of what drips: shorter than any bound. */
const PAUSE = 40;

const hello = JSON.stringify({ query: "{ hello }" });
/** Comes to 24 megabytes, which no system takes at once. */
const large = JSON.stringify({
  query: "query Large($size: Int) { hello(size: $size) }",
  variables: { size: 12_000_000 },
});

/** Comes to ten kilobytes. */
const small = large.replace("12000000", "5000");

/** Where requests are read by the gateway itself if they are plain, and where all are node:http's. */
const fronts = new Map<string, FrontFixture>();
beforeAll(async () => {
  const execute = async ({ request }: { request: { variables?: unknown } }) => {
    const { size = 1, wait = 0 } = (request.variables ?? {}) as { size?: number; wait?: number };
    if (wait > 0) await sleep(wait);
    return { data: { hello: "é".repeat(size) } };
  };
  fronts.set("direct", await startFront({ bounds, execute }));
  fronts.set(
    "node:http",
    await startFront({ bounds, execute, plugins: [{ plugin: {}, onShortAnswer: null }] }),
  );
  // Until they are known, operations go through Apollo Server.
  for (const front of fronts.values())
    for (const body of [hello, small]) await front.ask({ body, headers: { accept: "*/*" } });
});
afterAll(() => Promise.all([...fronts.values()].map((front) => front.stop())));

const head = (headers: readonly string[]) =>
  [
    "POST /graphql HTTP/1.1",
    ...["Host: a.example", "Content-Type: application/json", "Accept: */*"],
    ...headers,
    "",
  ].join("\r\n");
const whole = (body = hello) => `${head([`Content-Length: ${body.length}`])}\r\n${body}`;
const bodyBegun = `${head(["Content-Length: 5000"])}\r\n{"query":`;
const chunksBegun = `${head(["Transfer-Encoding: chunked"])}\r\n`;

/** A client that does not do its part. */
interface Client {
  /** Sent at once. */
  readonly sends?: string;
  /** Sent byte by byte, again and again, for as long as it is let. */
  readonly drips?: string;
  /** @default all that comes */
  readonly reads?: "nothing" | "bits";
  /** How many responses of status 200 it gets. */
  readonly served?: number;
}

const clients: Readonly<Record<string, Client>> = {
  "nothing is sent": {},
  "the half of a request line is sent": { sends: "POST /gra" },
  "the half of a head is sent": { sends: head([]) },
  "the half of a body is sent": { sends: bodyBegun },
  "the half of a chunk is sent": { sends: `${chunksBegun}10\r\n{` },
  "a request line drips": { drips: "POST /graphql".padEnd(10_000, "x") },
  "a head drips": { sends: head([]), drips: "x: y\r\n" },
  "a header's value drips": { sends: `${head([])}x: `, drips: "y" },
  "a body drips": { sends: bodyBegun, drips: " " },
  "a body that will be too large drips": { sends: `${head(["Content-Length: 50000"])}\r\n`, drips: " " },
  "a body whose length nobody may have drips": {
    sends: `${head(["Content-Length: 999999999"])}\r\n`,
    drips: " ",
  },
  "chunks drip": { sends: chunksBegun, drips: "1\r\n \r\n" },
  "a chunk's extension drips": { sends: `${chunksBegun}1;`, drips: "x" },
  "trailers drip": {
    sends: `${chunksBegun}${hello.length.toString(16)}\r\n${hello}\r\n0\r\n`,
    drips: "x: y\r\n",
  },
  "empty lines drip": { drips: "\r\n" },
  "the body drips of a request that is not for an operation": {
    sends: `POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{`,
    drips: " ",
  },
  "the body drips after 100-continue": {
    sends: `${head(["Content-Length: 5000", "Expect: 100-continue"])}\r\n`,
    drips: " ",
  },
  "nothing is sent any more": { sends: whole(), served: 1 },
  "the next request line drips": { sends: whole(), drips: "POST /graphql".padEnd(10_000, "x"), served: 1 },
  "the next head drips": { sends: whole() + head([]), drips: "x: y\r\n", served: 1 },
  "the next body drips": { sends: whole() + bodyBegun, drips: " ", served: 1 },
  "empty lines drip after a response": { sends: whole(), drips: "\r\n", served: 1 },
  "a body drips behind many requests that were sent ahead": {
    sends: whole().repeat(20) + bodyBegun,
    drips: " ",
    served: 20,
  },
  "a response is not read": { sends: whole(large), reads: "nothing" },
  "a response is read bit by bit": { sends: whole(large), reads: "bits" },
  "many responses are not read": { sends: whole(large).repeat(5), reads: "nothing" },
  "small responses are not read, and requests are sent on and on": {
    sends: whole(small).repeat(3_000),
    reads: "nothing",
  },
};

/** Has a client do what it does until the server has closed its connection. */
async function outcome(front: FrontFixture, { sends = "", drips = "", reads }: Client): Promise<string> {
  const socket = net.connect({ port: Number(new URL(front.url).port), host: "127.0.0.1", noDelay: true });
  let received = "";
  // Being cut off may look like an error.
  socket.on("error", () => {});
  if (reads === undefined) socket.setEncoding("latin1").on("data", (text: string) => (received += text));
  await once(socket, "connect");
  const port = socket.localPort!;
  socket.write(sends, "latin1");
  let sent = 0;
  const timer = setInterval(() => {
    if (drips !== "" && socket.writable) socket.write(drips.charAt(sent++ % drips.length), "latin1");
    if (reads === "bits") socket.read(1_000);
  }, PAUSE);
  try {
    while (!front.gonePorts.has(port)) await sleep(PAUSE);
    if (reads === undefined && !socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  } finally {
    clearInterval(timer);
    socket.destroy();
  }
  return received;
}

const all = Object.entries(clients);

describe.each(["direct", "node:http"])("read by %s, a connection is ended where", (name) => {
  test.concurrent.each(all.filter(([, { reads }]) => reads === undefined))("%s", async (_, client) => {
    const received = await outcome(fronts.get(name)!, client);
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    const refusals = statuses.splice(client.served ?? 0);
    expect(statuses).toEqual(Array.from({ length: client.served ?? 0 }, () => "200"));
    // Where it is not closed without a word, it says why; a body may be refused for what is seen of it.
    expect(refusals.filter((status) => !["100", "404", "408", "413"].includes(status!))).toEqual([]);
  });

  // These keep the one thread busy, and so the clocks of others wrong.
  test.each(all.filter(([, { reads }]) => reads !== undefined))("%s", async (_, client) => {
    expect(await outcome(fronts.get(name)!, client)).toBe("");
  });

  test("and none where it is the server that takes its time", async () => {
    const front = fronts.get(name)!;
    const body = JSON.stringify({
      query: "query Wait($wait: Int) { hello(size: $wait) }",
      variables: { wait: 2_000 },
    });
    for (let count = 0; count < 2; count++)
      expect((await front.ask({ body, headers: { accept: "*/*" } })).status).toBe(200);
  });
});

test.each(["direct", "node:http"])(
  "read by %s, a response that is taken slowly arrives, whatever the other bounds",
  async (name) => {
    const plugins = name === "direct" ? [] : [{ plugin: {}, onShortAnswer: null }];
    const front = await startFront({ bounds: { ...bounds, response: 60_000 }, plugins });
    try {
      await front.ask({ body: small, headers: { accept: "*/*" } });
      const socket = net.connect({ port: Number(new URL(front.url).port), host: "127.0.0.1" });
      await once(socket, "connect");
      socket.write(whole(large));
      const begun = performance.now();
      let received = 0;
      while (received < 10_000_000) {
        await sleep(PAUSE);
        received += (socket.read() as Buffer | null)?.length ?? 0;
        if (socket.closed) throw new Error(`closed after ${received} bytes`);
      }
      expect(performance.now() - begun).toBeGreaterThan(bounds.request);
      socket.destroy();
    } finally {
      await front.stop();
    }
  },
);

describe.each(["direct", "node:http"])("read by %s, a server that stops", (name) => {
  const plugins = name === "direct" ? [] : [{ plugin: {}, onShortAnswer: null }];
  const start = async (headers: number) => {
    const front = await startFront({
      bounds: { headers, request: 60_000, response: 60_000, keepAlive: 60_000 },
      plugins,
    });
    await front.ask({ body: hello, headers: { accept: "*/*" } });
    return front;
  };
  const open = async (front: FrontFixture, sends: string) => {
    const socket = net.connect({ port: Number(new URL(front.url).port), host: "127.0.0.1", noDelay: true });
    const received: string[] = [];
    socket.setEncoding("latin1").on("data", (text: string) => received.push(text));
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(sends);
    await expect.poll(() => front.clientPorts.has(socket.localPort!)).toBe(true);
    await sleep(PAUSE);
    return { socket, received };
  };

  // It waited until it was killed: node:http bounds nothing any more once it stops.
  test.each([
    ["a head", head([])],
    ["a body", bodyBegun],
    ["a chunk", `${chunksBegun}1000\r\n`],
    ["a body after a response", whole() + bodyBegun],
    ["a head after a response", whole() + head([])],
  ])("does not wait for the rest of a request that drips: %s", async (_, sends) => {
    const front = await start(300);
    const { socket } = await open(front, sends);
    const timer = setInterval(() => socket.writable && socket.write("y"), PAUSE);
    await front.stop();
    clearInterval(timer);
    await expect.poll(() => front.clientPorts.size).toBe(0);
  });

  // The reader of its own closed connections on which half of a request had come.
  test.each([
    ["a body", 20],
    ["a head", whole().length - 60],
  ])("answers a request whose rest comes soon: %s", async (_, rest) => {
    const front = await start(60_000);
    const { socket, received } = await open(front, whole().slice(0, -rest));
    const stopped = front.stop();
    await sleep(PAUSE);
    socket.write(whole().slice(-rest));
    await stopped;
    await expect.poll(() => socket.closed).toBe(true);
    expect(received.join("")).toMatch(/^HTTP\/1\.1 200 /);
  });
});

import { createServer } from "node:net";
import { expect, test } from "vitest";
import { createHttp1Transport } from "../http1-transport.ts";
import { type RawFixture, startRawFixture } from "../subgraph-http.fixture.ts";
import { call, cleanUp, failureOf } from "../transports.fixture.ts";

type Socket = RawFixture["connections"][number];

/** A subgraph that answers with bytes, and a client of it. */
async function start(respond: (socket: Socket) => void) {
  const transport = createHttp1Transport({ headersTimeout: 10_000 });
  cleanUp(transport.close);
  const fixture = await startRawFixture(respond);
  cleanUp(fixture.stop);
  return { fixture, send: () => transport.send(call(fixture.url, { idempotent: true })) };
}

const OK = "HTTP/1.1 200 OK\r\n";

test.each([
  ["a length told twice", `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nok`],
  ["two lengths in one", `${OK}content-length: 2, 3\r\n\r\nok`],
  [
    "a length beside chunks",
    `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  ],
  ["a negative length", `${OK}content-length: -2\r\n\r\nok`],
  ["a coding that was not asked for", `${OK}transfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`],
  ["a folded header", `${OK}x-a: b\r\n c\r\ncontent-length: 2\r\n\r\nok`],
  ["a space before a colon", `${OK}content-length : 2\r\n\r\nok`],
  ["a header without a colon", `${OK}content-length\r\n\r\nok`],
  ["bare line feeds", `HTTP/1.1 200 OK\ncontent-length: 2\n\nok`],
  ["a zero byte", `${OK}x-a: \0\r\ncontent-length: 2\r\n\r\nok`],
  ["another protocol", `HTTP/2 200\r\ncontent-length: 2\r\n\r\nok`],
  ["no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["a switch of protocols", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"],
  ["a head without end", `${OK}x-a: ${"a".repeat(20_000)}`],
  ["a head without end, in small pieces", `${OK}${"x-a: a\r\n".repeat(3_000)}`],
  ["a chunk's size that is none", `${OK}transfer-encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n`],
  ["a chunk that is too long", `${OK}transfer-encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n`],
  ["trailers without end", `${OK}transfer-encoding: chunked\r\n\r\n0\r\n${"x-a: a\r\n".repeat(3_000)}`],
])("refuses %s, and does not send again", async (_name, bytes) => {
  let sent = 0;
  const { fixture, send } = await start((socket) => {
    sent++;
    socket.write(bytes, "latin1");
  });
  const failure = await failureOf(send());
  expect(failure.message).toContain("does not match the HTTP/1.1 protocol");
  await expect.poll(() => fixture.connections[0]?.destroyed).toBe(true);
  expect(sent).toBe(1);
});

test("reads an answer that comes byte by byte", async () => {
  const answer = Buffer.from(
    `HTTP/1.1 100 Continue\r\n\r\n${OK}transfer-encoding: Chunked\r\n\r\n3;a=b\r\né1\r\n00A\r\n0123456789\r\n0\r\nx-t: 1\r\n\r\n`,
  );
  const { fixture, send } = await start((socket) => {
    let written = 0;
    const write = () => {
      socket.write(answer.subarray(written, ++written));
      if (written < answer.length) setImmediate(write);
    };
    write();
  });
  for (let count = 0; count < 2; count++) expect((await send()).body).toBe("é10123456789");
  expect(fixture.connections).toHaveLength(1);
});

test("reads a body to the end of the connection where nothing else tells its end", async () => {
  const { fixture, send } = await start((socket) => {
    socket.write(`${OK}\r\nto the `);
    socket.end("end");
  });
  for (let count = 0; count < 2; count++) expect((await send()).body).toBe("to the end");
  expect(fixture.connections).toHaveLength(2);
});

test("takes what nobody asked for, behind an answer, for no answer", async () => {
  const { fixture, send } = await start((socket) =>
    socket.write(`${OK}content-length: 1\r\n\r\na${OK}content-length: 3\r\n\r\nbad`),
  );
  for (let count = 1; count <= 2; count++) {
    expect((await send()).body).toBe("a");
    await expect.poll(() => fixture.connections[count - 1]?.destroyed).toBe(true);
  }
});

test("takes what nobody asked for, on a connection that rests, for no answer", async () => {
  const { fixture, send } = await start((socket) => socket.write(`${OK}content-length: 1\r\n\r\na`));
  for (let count = 1; count <= 2; count++) {
    expect((await send()).body).toBe("a");
    fixture.connections[count - 1]?.write(`${OK}content-length: 3\r\n\r\nbad`);
    await expect.poll(() => fixture.connections[count - 1]?.destroyed).toBe(true);
  }
});

test("reads an answer that comes before the request is written, and does not use the connection again", async () => {
  const transport = createHttp1Transport();
  cleanUp(transport.close);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.pause().on("error", () => {}));
    socket.write(`HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno`);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  cleanUp(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  const body = "x".repeat(50_000_000);
  for (let count = 1; count <= 2; count++) {
    expect((await transport.send(call(url, { body }))).status).toBe(413);
    expect(sockets).toHaveLength(count);
  }
});

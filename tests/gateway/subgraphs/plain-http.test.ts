import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { createPlainServer, jsonResponse, type PlainRequest } from "./plain-http.ts";

async function serve(answer: (request: PlainRequest) => Buffer | Promise<Buffer>): Promise<number> {
  const server = createPlainServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  onTestFinished(() => void socket.destroy());
  return socket.setEncoding("utf8");
}

const head = (length: number) =>
  `POST /products HTTP/1.1\r\nhost: x\r\nAuthorization: Bearer a\r\nContent-Length: ${length}\r\n\r\n`;

test("path, token and body come whole, also in pieces and in more than one byte a character", async () => {
  const seen: PlainRequest[] = [];
  const port = await serve((received) => {
    seen.push({ ...received, body: Buffer.from(received.body) });
    return jsonResponse('{"data":"é"}');
  });
  const socket = await open(port);
  const bytes = Buffer.from(`${head(4)}{é}`);
  let answer = "";
  socket.on("data", (text: string) => (answer += text));
  for (const byte of bytes) {
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => answer).toMatch(/content-length: 13\r\n\r\n\{"data":"é"\}$/);
  expect(seen).toEqual([{ path: "/products", authorization: "Bearer a", body: Buffer.from("{é}") }]);
});

test("requests on one connection are answered one after the other, however long each takes", async () => {
  const releases: (() => void)[] = [];
  const port = await serve(({ body }) => {
    const response = jsonResponse(`"${body.toString()}"`);
    if (body.toString() === "now") return response;
    return new Promise((resolve) => releases.push(() => resolve(response)));
  });
  const socket = await open(port);
  let answer = "";
  socket.on("data", (text: string) => (answer += text));
  socket.write(`${head(3)}one`);
  await expect.poll(() => releases.length).toBe(1);
  socket.write(`${head(3)}two`);
  // Once another connection has its answer, the second request has come in.
  const other = await open(port);
  other.write(`${head(3)}now`);
  await once(other, "data");
  expect(releases).toHaveLength(1);
  releases[0]?.();
  await expect.poll(() => releases.length).toBe(2);
  releases[1]?.();
  await expect.poll(() => answer.match(/"(one|two)"/g)).toEqual(['"one"', '"two"']);
});

test("a body in chunks is refused by its status", async () => {
  const port = await serve(() => jsonResponse("{}"));
  const { statusCode } = await request(`http://127.0.0.1:${port}/`, {
    method: "POST",
    body: Readable.from(["{}"]),
  });
  expect(statusCode).toBe(411);
});

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { PlainClient } from "./plain-client.ts";

const EXPECTED = { status: 200, bytes: 6 };

/** A client of a server that answers each packet with these, one after the other. */
async function clientOf(...packets: readonly string[]): Promise<{ client: PlainClient; came: () => string }> {
  let came = "";
  const answer = async (socket: Socket) => {
    for (const packet of packets) {
      if (packet === "close") socket.end();
      else socket.write(packet);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const server = createServer({ noDelay: true }, (socket) => {
    socket.setEncoding("utf8").on("data", (text: string) => {
      came += text;
      void answer(socket);
    });
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new PlainClient(new URL(`http://127.0.0.1:${port}`), EXPECTED);
  onTestFinished(() => {
    client.close();
    server.close();
  });
  return { client, came: () => came };
}

test.each([
  { name: "in one packet", packets: ["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer"] },
  { name: "in pieces", packets: ["HTTP/1.1 200 OK\r\nconte", "nt-length:6\r\n\r", "\nans", "wer"] },
])("an answer is waited for until it is whole, $name, and the next one as well", async ({ packets }) => {
  const { client, came } = await clientOf(...packets);
  await client.send("first");
  await client.send("second");
  expect(came()).toBe("firstsecond");
});

test.each([
  {
    name: "another status",
    packets: ["HTTP/1.1 500 No\r\ncontent-length: 6\r\n\r\nanswer"],
    told: "HTTP 500 with",
  },
  { name: "another length", packets: ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nanswe"], told: "5 bytes" },
  { name: "no length", packets: ["HTTP/1.1 200 OK\r\nserver: x\r\n\r\nanswer"], told: "unknown number" },
  { name: "too much", packets: ["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nanswers"], told: "More came" },
  {
    name: "no end of the head",
    packets: [`HTTP/1.1 200 OK\r\nx: ${"x".repeat(5000)}`],
    told: "without an end",
  },
  { name: "a connection that is closed", packets: ["HTTP/1.1 200 OK\r\n", "close"], told: "closed" },
])("an answer with $name is none", async ({ packets, told }) => {
  const { client } = await clientOf(...packets);
  await expect(client.send("request")).rejects.toThrow(told);
});

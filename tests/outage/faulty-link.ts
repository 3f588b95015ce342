import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

/** How a link treats connections. `starting`: as PostgreSQL does while it starts. */
export type LinkMode = "forward" | "refuse" | "hang" | "starting";

/** A way to a database that can be cut. */
export interface FaultyLink {
  readonly url: string;
  /** Cuts what is open, and treats new connections so. */
  set(mode: LinkMode): Promise<void>;
  close(): Promise<void>;
}

/** @param databaseUrl where it leads to */
export async function openFaultyLink(databaseUrl: string): Promise<FaultyLink> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let mode: LinkMode = "forward";
  let port = 0;
  let server: Server | null = null;

  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const listen = async (): Promise<void> => {
    const started = createServer((socket) => {
      keep(socket);
      if (mode === "starting")
        socket.once("data", () => socket.end(fatal("57P03", "the database system is starting up")));
      if (mode !== "forward") return;
      const onward = connect(Number(target.port), target.hostname);
      keep(onward);
      socket.pipe(onward).pipe(socket);
      socket.on("close", () => onward.destroy());
      onward.on("close", () => socket.destroy());
    });
    await new Promise<void>((done, fail) => {
      started.once("error", fail).listen(port, "127.0.0.1", done);
    });
    port = (started.address() as AddressInfo).port;
    server = started;
  };
  const cut = async (): Promise<void> => {
    const closing = server;
    server = null;
    const closed = closing && new Promise((done) => closing.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  await listen();
  const url = new URL(target);
  url.port = String(port);
  return {
    url: url.href,
    async set(next) {
      await cut();
      mode = next;
      if (next !== "refuse") await listen();
    },
    close: cut,
  };
}

/** An ErrorResponse of PostgreSQL's protocol (version 3). */
function fatal(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

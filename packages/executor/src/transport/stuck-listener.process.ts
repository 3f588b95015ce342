import { createServer } from "node:net";

// Listens on a port that it tells its parent, and is then stuck for good: connections wait in the system's queue.
const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  process.send?.((server.address() as { port: number }).port, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
});

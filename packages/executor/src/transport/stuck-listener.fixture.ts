import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { cleanUp } from "./transports.fixture.ts";

/** A port at which the system takes no more connections, as whoever listens there is stuck. */
export async function startStuckListener(): Promise<number> {
  const child = fork(new URL("stuck-listener.process.ts", import.meta.url), [], { execArgv: [] });
  cleanUp(async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  });
  const [port] = (await once(child, "message")) as [number];
  // Until the queue is full: how long it is, only the system knows.
  for (;;) {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    cleanUp(async () => void socket.destroy());
    const stands = await Promise.race([
      once(socket, "connect").then(() => true),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), 300)),
    ]);
    if (!stands) return port;
  }
}

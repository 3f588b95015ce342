import { spawn } from "node:child_process";

/**
 * Ends a server whose owner is gone, however that ended: the watchdog reads from a pipe that closes with this process.
 *
 * @param pid of the server
 * @param folder is removed then; "" for none
 * @returns what calls the watchdog off
 */
export function watchOver(pid: number, folder: string): () => void {
  const script = `cat >/dev/null; kill -INT "$0"
    [ -z "$1" ] || { while kill -0 "$0"; do sleep 1; done; rm -rf "$1"; }`;
  const dog = spawn("/bin/sh", ["-c", script, String(pid), folder], {
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  dog.on("error", () => {}); // without a shell, the next start clears up
  dog.unref();
  (dog.stdin as unknown as { unref(): void }).unref();
  return () => void dog.kill("SIGKILL");
}

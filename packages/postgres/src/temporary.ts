import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type PostgresServer, type PostgresServerOptions } from "./server.ts";

/**
 * Starts a server in a folder of its own, which goes with `stop()`: for tests, and for the empty database that a
 * migration is compared in. A crash of the machine may cost its data.
 */
export async function startTemporaryPostgres(
  options: Pick<PostgresServerOptions, "settings" | "onLog"> = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "tributary-postgres-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const server = await startPostgres({
      ...options,
      folder: join(folder, "cluster"),
      password: randomBytes(18).toString("base64url"),
      durable: false,
      removeWhenLost: folder,
    });
    return { ...server, stop: () => server.stop().then(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

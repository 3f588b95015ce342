import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres, type PostgresServer, type PostgresServerOptions } from "@tributary/postgres";
import { createBackOff } from "./back-off.ts";
import { StackError } from "./error.ts";

export interface KeptPostgresOptions extends PostgresServerOptions {
  /** Takes sentences for people. */
  readonly onTrouble: (text: string) => void;
  /** The server ended, and ended again: nothing more is tried. */
  readonly onLost: (error: StackError) => void;
}

/** A server that is started again when it ends, on the same port and folder, until it is stopped. */
export type KeptPostgres = Omit<PostgresServer, "exited">;

/**
 * Starts PostgreSQL, and keeps it running.
 *
 * @throws PostgresError where it does not start the first time
 */
export async function keepPostgres(options: KeptPostgresOptions): Promise<KeptPostgres> {
  const { onTrouble, onLost, ...serverOptions } = options;
  const backOff = createBackOff();
  let wanted = true;
  let running = await startPostgres(serverOptions);
  const { port, created, adminUrl } = running;
  let returning: Promise<void> | undefined;

  const watch = (): void => {
    const since = Date.now();
    void running.exited.then((how) => {
      if (!wanted) return;
      onTrouble(`postgres ended (${how}): it is started again`);
      returning = comeBack(Date.now() - since);
    });
  };

  async function comeBack(ranForMs: number): Promise<void> {
    let ran = ranForMs;
    for (let fault: unknown; ; ran = 0) {
      const wait = backOff.next(ran);
      if (wait === undefined) {
        const why = fault instanceof Error ? `: ${fault.message}` : "";
        return onLost(new StackError(`postgres ends again and again${why}`));
      }
      await sleep(wait, undefined, { ref: false });
      if (!wanted) return;
      try {
        running = await startPostgres({ ...serverOptions, port });
      } catch (error) {
        fault = error;
        continue;
      }
      if (!wanted) return;
      watch();
      return onTrouble(`postgres runs again on 127.0.0.1:${port}`);
    }
  }

  watch();
  return {
    port,
    created,
    adminUrl,
    async stop() {
      wanted = false;
      // One that is being started is stopped too.
      await returning;
      await running.stop();
    },
  };
}

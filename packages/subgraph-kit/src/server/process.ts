import closeWithGrace from "close-with-grace";
import { ConfigError } from "../config/parse-config.ts";
import type { RunningSubgraph } from "./subgraph.ts";

/** How long requests that run may take to finish once the process was told to stop, in milliseconds. */
const GRACE_MS = 10_000;

/**
 * Runs a subgraph as a process: starts it, and stops it on SIGTERM or SIGINT after the requests that run have ended.
 * A fault in the configuration is printed as it is, with exit code 2; whatever else keeps it from starting, with 1.
 *
 * @param start reads the configuration and starts the subgraph
 */
export async function runProcess(start: () => Promise<RunningSubgraph>): Promise<void> {
  let running: RunningSubgraph;
  try {
    running = await start();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
  closeWithGrace({ delay: GRACE_MS }, async ({ err }) => {
    if (err) process.stderr.write(`${err.stack ?? err.message}\n`);
    await running.stop();
  });
}

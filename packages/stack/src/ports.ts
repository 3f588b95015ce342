import getPort, { portNumbers } from "get-port";
import { CONTEXTS, type Context } from "./contexts.ts";
import { StackError } from "./error.ts";

const HOST = "127.0.0.1";
const GATEWAY = 4000;
const OF_SUBGRAPHS = 4001;

/** The usual port of a subgraph (4001, 4002, 4003), or 0 for any, where that is taken. */
export async function subgraphPort(context: Context): Promise<number> {
  const usual = OF_SUBGRAPHS + CONTEXTS.indexOf(context);
  return (await getPort({ port: usual, host: HOST })) === usual ? usual : 0;
}

/**
 * The gateway's port: the one that was told, else 4000, else the next free one that is no subgraph's.
 *
 * @throws StackError where the one that was told is taken
 */
export async function gatewayPort(
  told: number | undefined,
): Promise<{ port: number; instead: number | null }> {
  if (told === 0) return { port: 0, instead: null };
  const wanted = told ?? GATEWAY;
  if ((await getPort({ port: wanted, host: HOST })) === wanted) return { port: wanted, instead: null };
  if (told !== undefined) {
    throw new StackError(`port ${told} is taken: choose another with --port, or 0 for any that is free`);
  }
  const port = await getPort({
    port: portNumbers(OF_SUBGRAPHS + CONTEXTS.length, GATEWAY + 100),
    host: HOST,
  });
  return { port, instead: wanted };
}

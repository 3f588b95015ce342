import getPort, { portNumbers } from "get-port";
import { CONTEXTS, type Context } from "./contexts.ts";
import { StackError } from "./error.ts";

const HOST = "127.0.0.1";
const GATEWAY = 4000;

/** The usual port of a subgraph (4001, 4002, 4003), or another that is free, where that is taken. */
export async function subgraphPort(context: Context): Promise<number> {
  return getPort({ port: [usualPort(context), ...portNumbers(GATEWAY + 50, GATEWAY + 99)], host: HOST });
}

function usualPort(context: Context): number {
  return GATEWAY + 1 + CONTEXTS.indexOf(context);
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
    port: portNumbers(GATEWAY + 1 + CONTEXTS.length, GATEWAY + 49),
    host: HOST,
  });
  return { port, instead: wanted };
}

import getPort from "get-port";
import { CORES, startNode, type StartedProcess, stopProcess } from "../processes.ts";
import type { Work } from "../works.ts";
import type { Contestant, Setting } from "./contestants.ts";

/** A contestant that takes operations. */
export interface RunningContestant extends StartedProcess {
  readonly contestant: Contestant;
  readonly url: string;
  /** From the start of the process to the first answer to `{ __typename }`. */
  readonly readyMilliseconds: number;
}

const READY_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 10;

/**
 * Starts a contestant, and waits until it answers.
 *
 * @throws Error with what it said, where it ends or does not answer within a minute
 */
export async function startContestant(
  contestant: Contestant,
  setting: Omit<Setting, "port">,
  nodeFlags: readonly string[] = [],
): Promise<RunningContestant> {
  const port = await getPort({ host: "127.0.0.1" });
  const { path, ...command } = await contestant.command({ ...setting, port });
  const url = `http://127.0.0.1:${port}${path}`;
  const begin = performance.now();
  const started = startNode({ ...command, args: [...nodeFlags, ...command.args], core: CORES.gateway });
  // Messages that nobody listens to are kept for the next who does, who would take them for an answer.
  started.child.on("message", () => {});
  try {
    while (!(await answers(url, contestant))) {
      const { exitCode, signalCode } = started.child;
      if (exitCode !== null || signalCode !== null)
        throw new Error(`it ended (${exitCode ?? signalCode}): ${started.said()}`);
      if (performance.now() - begin > READY_MILLISECONDS)
        throw new Error(`it does not answer: ${started.said()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  } catch (error) {
    await stopProcess(started);
    throw error;
  }
  return { ...started, contestant, url, readyMilliseconds: performance.now() - begin };
}

async function answers(url: string, { isFloor }: Contestant): Promise<boolean> {
  try {
    const { status, body } = await post(url, "{ __typename }", "warm-up");
    return status === 200 && (isFloor === true || body.includes('"__typename":"Query"'));
  } catch {
    return false;
  }
}

/**
 * Asks a contestant once.
 *
 * @returns the whole body, which is an answer with data and without errors
 */
export async function askOnce(url: string, { query }: Pick<Work, "query">): Promise<string> {
  const { status, body } = await post(url, query, "asked-once");
  if (status !== 200 || body.includes('"errors"')) throw new Error(`HTTP ${status}: ${body.slice(0, 300)}`);
  return body;
}

async function post(url: string, query: string, token: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "accept-encoding": "identity",
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.text() };
}

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Cores that processes are kept to: the measured gateway has one to itself, load and subgraphs share the other. */
export const CORES = { gateway: 1, others: 0 } as const;

const PINNER = "taskset";

/** Whether processes can be kept to a core here: where there is `taskset`, and a second core. */
export const canPin =
  spawnSync(PINNER, ["-c", String(CORES.gateway), process.execPath, "--version"]).status === 0;

export interface StartOptions {
  readonly core: number;
  /** Node's own flags, then the file, then its arguments. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process with what it said last, for whoever has to say why it failed. */
export interface StartedProcess {
  readonly child: ChildProcess;
  /** Its output so far, the last few kilobytes. */
  readonly said: () => string;
}

const KEPT_CHARACTERS = 4000000;

/** Starts Node on a core, as in production. Messages can be sent to it. */
export function startNode({ core, args, cwd, environment }: StartOptions): StartedProcess {
  const node = [process.execPath, ...args];
  const [command = "", ...rest] = canPin ? [PINNER, "-c", String(core), ...node] : node;
  const child = spawn(command, rest, {
    cwd,
    env: { ...process.env, ...PRODUCTION, ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-KEPT_CHARACTERS)));
  }
  return { child, said: () => said.trim() };
}

/** Whoever starts processes must not leave them behind, however it ends. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Ends this process where it is told to by a signal, and with it what it started. For whoever is the whole process. */
export function endOnSignal(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
}

const PRODUCTION = { NODE_ENV: "production", APOLLO_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "" };

/** The next message of a process. @throws Error with what it said, where it ends before that */
export async function nextMessage<Message>({ child, said }: StartedProcess): Promise<Message> {
  const ended = new AbortController();
  const message = once(child, "message", { signal: ended.signal }) as Promise<[Message]>;
  const exit = once(child, "exit", { signal: ended.signal });
  try {
    const first = await Promise.race([message, exit.then(() => undefined)]);
    if (first === undefined) throw new Error(`It ended: ${said()}`);
    return first[0];
  } finally {
    ended.abort();
    await Promise.allSettled([message, exit]);
  }
}

/** Sends a message, and waits for the one that answers it. */
export function ask<Answer>(started: StartedProcess, message: string | object): Promise<Answer> {
  const answer = nextMessage<Answer>(started);
  started.child.send(message);
  return answer;
}

const GRACE_MILLISECONDS = 5_000;

/** Ends a process; by force where it does not go. */
export async function stopProcess({ child }: StartedProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), GRACE_MILLISECONDS);
  await exit;
  clearTimeout(force);
}

import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createBackOff } from "./back-off.ts";
import { openChildLog } from "./child-log.ts";
import { ROOT } from "./data-dir.ts";
import { StackError } from "./error.ts";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

export interface ChildOptions {
  readonly name: string;
  /** Path from the repository's top. */
  readonly script: string;
  /** Given the port to listen on: what was asked for at first, then what it was, so that others find it again. */
  readonly command: (port: number) => ChildCommand;
  /** 0 is any free port. */
  readonly port: number;
  readonly logFile: string;
  /** Takes each line that it prints. */
  readonly onLine: (line: string) => void;
  /** Takes sentences for people. */
  readonly onTrouble: (text: string) => void;
  /** The child died, and died again: nothing more is tried. */
  readonly onLost: (error: StackError) => void;
}

/** What a child is started with. */
export interface ChildCommand {
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A process of the stack: restarted when it dies, until it is stopped. */
export interface Child {
  /** Where it listens. */
  readonly url: string;
  readonly pid: number;
  /** What it printed since the stack started, by lines. */
  logs(): readonly string[];
  /** Asks it to end, and waits; it is not restarted. Again is no fault. */
  stop(): Promise<void>;
  /** Stops it for good. */
  dispose(): Promise<void>;
  /** Stops it where it runs, and starts it on the same port; settles when it is ready. */
  restart(): Promise<void>;
}

/**
 * Starts a Node process, and waits until it says over its channel where it listens and `/health/ready` answers 200.
 *
 * @throws StackError with its last words where it does not get there
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, onTrouble, onLost } = options;
  let { port } = options;
  let wanted = true;
  let url = "";
  let starting = true;
  const backOff = createBackOff();
  const log = openChildLog(options.logFile, (line, trouble) => {
    options.onLine(line);
    if (trouble !== undefined && !starting) onTrouble(`${name}: ${trouble}`);
  });
  let running = launch();

  function launch(): ChildProcess {
    const { nodeFlags = [], args = [], env } = options.command(port);
    const guard = new URL("child-guard.ts", import.meta.url).href;
    // A group of its own: Ctrl-C at a terminal reaches the stack alone, which then stops everything in order.
    const program = [...nodeFlags, "--import", guard, join(ROOT, options.script)];
    const child = spawn(process.execPath, [...program, ...args], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    });
    child.on("error", (error) => onTrouble(`${name}: ${error.message}`));
    if (child.stdout) log.read(child.stdout);
    if (child.stderr) log.read(child.stderr);
    return child;
  }

  async function becomeReady(): Promise<void> {
    const child = running;
    const from = log.lines().length;
    const fail = async (what: string): Promise<never> => {
      await endOf(child, "SIGKILL");
      const words = log.lines().slice(from).slice(-10);
      throw new StackError([`${name} ${what}`, ...words.map(indent)].join("\n"));
    };
    const listening = new Promise<string>((done) => {
      child.on("message", (message: { type?: string; url?: string }) => {
        if (message?.type === "listening" && message.url) done(message.url);
      });
    });
    const said = await Promise.race([listening, ended(child), after(START_LIMIT_MS)]);
    if (said === undefined) await fail(`ended before it listened (${exitOf(child)})`);
    if (said === null) await fail(`does not listen after ${START_LIMIT_MS / 1000} s`);
    url = said as string;
    port = Number(new URL(url).port);
    for (let waited = 0; !(await isReady(url)); waited += 50) {
      if (hasEnded(child)) await fail(`ended before it was ready (${exitOf(child)})`);
      if (waited > START_LIMIT_MS) await fail("listens, and does not become ready");
      await sleep(50);
    }
    starting = false;
    const since = Date.now();
    void ended(child).then(() => comeBack(child, since));
  }

  async function comeBack(dead: ChildProcess, since: number): Promise<void> {
    if (!wanted || dead !== running) return;
    const lastWords = log.lines().slice(-5);
    onTrouble([`${name} ended (${exitOf(dead)}); its last lines:`, ...lastWords.map(indent)].join("\n"));
    let ranForMs = Date.now() - since;
    for (let fault: unknown; ; ranForMs = 0) {
      const wait = backOff.next(ranForMs);
      if (wait === undefined) {
        return onLost(
          new StackError(`${name} ends again and again${fault ? `: ${(fault as Error).message}` : ""}`),
        );
      }
      const before = running;
      await sleep(wait, undefined, { ref: false });
      if (!wanted || before !== running) return;
      running = launch();
      try {
        await becomeReady();
        return onTrouble(`${name} runs again`);
      } catch (error) {
        if (!wanted) return;
        fault = error;
      }
    }
  }

  await becomeReady();
  return {
    get url() {
      return url;
    },
    get pid() {
      return running.pid ?? 0;
    },
    logs: () => log.lines(),
    async stop() {
      wanted = false;
      await endOf(running, "SIGTERM");
    },
    async dispose() {
      wanted = false;
      await endOf(running, "SIGTERM");
      log.close();
    },
    async restart() {
      wanted = false;
      await endOf(running, "SIGTERM");
      wanted = true;
      running = launch();
      await becomeReady();
    },
  };
}

function indent(line: string): string {
  return `  ${line.length > 300 ? `${line.slice(0, 300)}…` : line}`;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function exitOf(child: ChildProcess): string {
  return child.signalCode ?? (child.exitCode === null ? "did not start" : `exit code ${child.exitCode}`);
}

/** Settles after the child has ended and all that it printed is read. */
function ended(child: ChildProcess): Promise<undefined> {
  return new Promise((done) => {
    if (hasEnded(child) && child.stdout?.closed !== false) return done(undefined);
    child.once("close", () => done(undefined)).once("error", () => done(undefined));
  });
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  child.kill(signal);
  const hurry = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  await ended(child);
  clearTimeout(hurry);
}

async function after(milliseconds: number): Promise<null> {
  return sleep(milliseconds, null, { ref: false });
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

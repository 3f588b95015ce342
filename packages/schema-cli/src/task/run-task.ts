import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Base } from "../git/base.ts";
import { UncheckedError, UsageError } from "../result/fault.ts";
import type { Result } from "../result/finding.ts";
import type { Task, TaskInput, TaskMessage } from "./task.ts";

export interface RunTaskOptions {
  /** The module that a thread runs. */
  worker: URL;
  /** The commit to compare with, where the task needs one. */
  base: Promise<Base> | null;
  /** How long it may take, in seconds. */
  timeout: number;
}

/**
 * How much the heap may grow before it is cleared up again, in percent. V8 lets it become several times as large as what
 * is alive, and of a hundred subgraphs that is more than a small machine of CI has.
 */
const heapGrowth = 100;
/** In megabytes. Most of what is made is of no use a moment later: with more room there is less to clear up. */
const youngGeneration = 64;

/**
 * Runs a task in a thread, which is ended where it takes too long: composition and planning have inputs that keep them
 * busy for hours, and nothing else would end that.
 *
 * @throws {UsageError}
 * @throws {UncheckedError} also where the thread took too long or ran out of memory, with what it was at
 */
export async function runTask(task: Task, { worker, base, timeout }: RunTaskOptions): Promise<Result> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowth}`);
  const thread = new Worker(worker, {
    workerData: task,
    resourceLimits: { maxYoungGenerationSizeMb: youngGeneration },
  });
  try {
    const result = listen(thread, timeout);
    // Whichever fails first is what is told.
    await Promise.race([result, base]);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
    if (base !== null) thread.postMessage({ base: await base } satisfies TaskInput);
    return await result;
  } finally {
    await thread.terminate();
  }
}

function listen(thread: Worker, timeout: number): Promise<Result> {
  let doing = "starting";
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => {
      const fix = `give it more time with --timeout SECONDS, or look at what it was at`;
      reject(new UncheckedError(`it took more than ${timeout} s and was ended while ${doing}`, fix));
    };
    const end = (settle: () => void) => {
      clearTimeout(timer);
      settle();
    };
    thread.on("message", (message: TaskMessage) => {
      // How long it takes to start says nothing about the schema.
      timer ??= setTimeout(giveUp, timeout * 1000);
      if (message.is === "doing") doing = message.doing;
      else end(() => (message.is === "result" ? resolve(message.result) : reject(faultOf(message))));
    });
    thread.on("error", (error) => end(() => reject(outOfMemory(error) ? tooLarge(doing) : error)));
    thread.on("exit", (code) => {
      const fix = "look whether the configuration ends the process";
      end(() => reject(new UncheckedError(`it ended with ${code} while ${doing}`, fix)));
    });
  });
}

function faultOf(message: Extract<TaskMessage, { message: string }>): Error {
  if (message.is === "usage error") return new UsageError(message.message);
  return message.fix === null ? new Error(message.message) : new UncheckedError(message.message, message.fix);
}

function outOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function tooLarge(doing: string): UncheckedError {
  return new UncheckedError(
    `it ran out of memory while ${doing}`,
    "give it more, as with NODE_OPTIONS=--max-old-space-size=8192 (megabytes)",
  );
}

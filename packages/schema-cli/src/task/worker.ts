import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { runCheck } from "../commands/check.ts";
import { runCompose } from "../commands/compose.ts";
import { disk } from "../commands/disk.ts";
import { commitBase } from "../git/commit-base.ts";
import { UncheckedError, UsageError } from "../result/fault.ts";
import type { Result } from "../result/finding.ts";
import type { Task, TaskInput, TaskMessage } from "./task.ts";

/** Does the task that this thread was started for, and says what became of it. */
export async function work(): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
  const say = (message: TaskMessage) => parentPort?.postMessage(message);
  try {
    say({ is: "result", result: await perform(workerData as Task, (doing) => say({ is: "doing", doing })) });
  } catch (error) {
    if (error instanceof UsageError) {
      say({ is: "usage error", message: error.message });
    } else {
      const message = error instanceof Error ? error.message : String(error);
      say({ is: "unchecked", message, fix: error instanceof UncheckedError ? error.fix : null });
    }
  }
}

async function perform(task: Task, onProgress: (doing: string) => void): Promise<Result> {
  onProgress("reading the configuration and the schemas");
  if (task.command === "compose") return runCompose(disk, { ...task.options, onProgress });
  if (parentPort === null) throw new Error("no thread");
  // It is looked for while this thread loads its modules.
  const [{ base }] = (await once(parentPort, "message")) as [TaskInput];
  if (base === null) throw new Error("no base");
  const side = commitBase(process.cwd(), base.ref, base.commit);
  if (task.command === "check") return runCheck(disk, side, { ...task.options, onProgress });
  const { runApprove } = await import("../commands/approve.ts");
  return runApprove(disk, side, { ...task.options, onProgress });
}

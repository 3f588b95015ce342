import type { CheckOptions } from "../commands/check.ts";
import type { ComposeOptions } from "../commands/compose.ts";
import type { Base } from "../git/base.ts";
import type { Result } from "../result/finding.ts";

/** What a thread is to do. Paths are from the working directory. */
export type Task =
  | { command: "compose"; options: ComposeOptions }
  | { command: "check"; options: CheckOptions }
  | {
      command: "approve";
      options: {
        config: string;
        baseConfig?: string;
        changeId: string;
        reason: string;
        expires: string;
        now: Date;
      };
    };

/** What the thread is told once it is known: the commit to compare with. */
export interface TaskInput {
  base: Base | null;
}

/** What a thread says: what it is at, and in the end what became of it. */
export type TaskMessage =
  | { is: "doing"; doing: string }
  | { is: "result"; result: Result }
  | { is: "usage error"; message: string }
  | { is: "unchecked"; message: string; fix: string | null };

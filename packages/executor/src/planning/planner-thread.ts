import { Worker } from "node:worker_threads";
import type { QueryPlan } from "@apollo/query-planner";
import { GraphQLError } from "graphql";
import type { FromThread, PlanFailure, PlannerSource, PlanTask, ToThread } from "./messages.ts";
import { PlanningError } from "./planning-error.ts";

/** A plan that somebody waits for. */
export interface PlanJob {
  readonly number: number;
  readonly source: PlannerSource;
  readonly task: PlanTask;
  /** How long planning may take, in milliseconds. */
  milliseconds: number;
  readonly resolve: (plan: QueryPlan) => void;
  readonly reject: (error: Error) => void;
}

/** How far a plan may go. */
export interface PlanBounds {
  /** How much memory a thread may use, in MB. A plan that needs more ends its thread, and nothing else. */
  readonly heapMegabytes: number;
  /** How long a plan may be as JSON, in characters: the thread that serves compiles a program of it. */
  readonly maxPlanLength: number;
}

export interface PlannerThreadOptions extends PlanBounds {
  /** Told when the thread has done a job and can do another. */
  readonly onFree: () => void;
  /** Told once when the thread has ended, and whether it was at a job. */
  readonly onEnd: (hadJob: boolean) => void;
}

// Beside this file, as it was written or as it was compiled.
const ENTRY = new URL(`./planning-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);

/** A thread with planners, which makes one plan at a time, and ends where a plan takes too long. */
export class PlannerThread {
  readonly #worker: Worker;
  readonly #options: PlannerThreadOptions;
  readonly #loaded = new Set<number>();
  #job: PlanJob | null = null;
  #deadline: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(options: PlannerThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(ENTRY, {
      name: "planner",
      resourceLimits: { maxOldGenerationSizeMb: options.heapMegabytes },
    });
    // A thread that nobody waits for keeps no process alive.
    this.#worker.unref();
    this.#worker.on("message", (message: FromThread) => this.#hear(message));
    this.#worker.on("error", (error) => this.#end(this.#errorOf(error)));
    this.#worker.on("exit", () => this.#end(new Error("The planning thread has ended.")));
  }

  /** The job that it is at; null where it is free. */
  get job(): PlanJob | null {
    return this.#job;
  }

  /** Has it load a supergraph, if that was not done, before the next job. */
  load(source: PlannerSource): void {
    if (this.#loaded.has(source.id)) return;
    this.#loaded.add(source.id);
    this.#tell({ kind: "load", source });
  }

  /** Lets go of a supergraph. */
  release(id: number): void {
    if (this.#loaded.delete(id)) this.#tell({ kind: "release", id });
  }

  /** Begins a job. The thread is free. */
  run(job: PlanJob): void {
    this.#job = job;
    this.#worker.ref();
    this.load(job.source);
    const { number, source, task } = job;
    const { maxPlanLength } = this.#options;
    this.#tell({ kind: "plan", job: number, id: source.id, task, maxPlanLength });
  }

  /** Gives the job that it is at so long from now on, at most. */
  hurry(milliseconds: number): void {
    if (this.#job === null) return;
    this.#job.milliseconds = Math.min(this.#job.milliseconds, milliseconds);
    this.#setDeadline();
  }

  /** Ends it, whatever it is at. */
  end(): void {
    this.#end(new Error("The planning thread was ended."));
  }

  #tell(message: ToThread): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    const job = this.#job;
    if (job === null || message.job !== job.number) return;
    switch (message.kind) {
      case "began":
        // Loading a supergraph is no part of an operation's time.
        return this.#setDeadline();
      case "planned":
        return this.#finish(() => job.resolve(JSON.parse(message.plan) as QueryPlan));
      case "tooLong":
        return this.#finish(() => job.reject(tooLong(message.length, this.#options.maxPlanLength)));
      case "failed":
        return this.#finish(() => job.reject(failureError(message.failure)));
    }
  }

  #finish(settle: () => void): void {
    clearTimeout(this.#deadline);
    this.#job = null;
    this.#worker.unref();
    settle();
    this.#options.onFree();
  }

  #setDeadline(): void {
    clearTimeout(this.#deadline);
    const { milliseconds } = this.#job ?? { milliseconds: 0 };
    this.#deadline = setTimeout(() => this.#end(tooSlow(milliseconds)), milliseconds);
  }

  #end(reason: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#deadline);
    // It ends in the middle of whatever it runs.
    void this.#worker.terminate();
    const job = this.#job;
    this.#job = null;
    job?.reject(reason);
    this.#options.onEnd(job !== null);
  }

  #errorOf(error: unknown): Error {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_WORKER_OUT_OF_MEMORY") return error instanceof Error ? error : new Error(String(error));
    const { heapMegabytes } = this.#options;
    return new PlanningError(
      "QUERY_TOO_LARGE",
      `Planning the operation takes more memory than the ${heapMegabytes} MB that it may take.`,
    );
  }
}

function tooLong(length: number, limit: number): PlanningError {
  const message = `The plan of the operation is ${length} characters long; at most ${limit} are taken.`;
  return new PlanningError("QUERY_TOO_LARGE", message);
}

function tooSlow(milliseconds: number): PlanningError {
  const message = `Planning the operation takes longer than the ${milliseconds} ms that it may take.`;
  return new PlanningError("QUERY_PLANNING_TIMEOUT", message);
}

/** An error of the planner, as it would have been thrown here. */
function failureError({ message, stack, extensions }: PlanFailure): Error {
  const error = extensions === null ? new Error(message) : new GraphQLError(message, { extensions });
  if (stack !== undefined) error.stack = stack;
  return error;
}

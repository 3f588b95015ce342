import type { QueryPlan } from "@apollo/query-planner";
import type { PlannerSource, PlanTask } from "./messages.ts";
import { type PlanBounds, type PlanJob, PlannerThread } from "./planner-thread.ts";
import { PlanningError } from "./planning-error.ts";

/** A plan to make. */
export interface PlanRequest {
  readonly source: PlannerSource;
  readonly task: PlanTask;
  /** How many selections the operation has with its fragments written out. */
  readonly selections: number;
  /** How long planning may take, and how long the plan may wait for its turn, each. */
  readonly milliseconds: number;
}

export interface PlanningPoolOptions extends PlanBounds {
  readonly maxThreads: number;
  /** From how many selections on an operation is large. Of these, one is planned at a time. */
  readonly largeSelections: number;
  /** How long all threads have to be busy before there is another one, in milliseconds. */
  readonly patienceMilliseconds: number;
  /** For how long a thread besides the first one stays with nothing to do, in milliseconds. */
  readonly idleMilliseconds: number;
  /** How many plans may wait. */
  readonly maxWaiting: number;
}

const DEFAULTS: PlanningPoolOptions = {
  maxThreads: 2,
  largeSelections: 500,
  patienceMilliseconds: 100,
  idleMilliseconds: 30_000,
  maxWaiting: 1_000,
  heapMegabytes: 2_048,
  maxPlanLength: 8_000_000,
};

interface WaitingJob extends PlanJob {
  readonly isLarge: boolean;
  /** Ends the waiting. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Plans operations in threads of their own, so that the thread that serves goes on whatever an operation is.
 *
 * A plan that takes too long ends its thread, and another thread takes its place. There is one thread as a rule. A second
 * one is started where the first is busy for long, and large operations, of which one is planned at a time, never have
 * both: small ones come by.
 */
export class PlanningPool {
  readonly #options: PlanningPoolOptions;
  readonly #threads = new Set<PlannerThread>();
  readonly #idle = new Map<PlannerThread, NodeJS.Timeout>();
  readonly #sources = new Map<number, PlannerSource>();
  readonly #waiting = new Set<WaitingJob>();
  /** Sources whose plans are in a hurry, with the time when it is over, by `performance.now()`. */
  readonly #closing = new Map<number, number>();
  #patience: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(options: Partial<PlanningPoolOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** How many threads there are. */
  get threads(): number {
    return this.#threads.size;
  }

  /** Starts a thread ahead of the first supergraph: it takes as long to come up as a supergraph takes to load. */
  start(): void {
    if (this.#threads.size === 0) this.#startThread();
  }

  /** Has a thread load a supergraph ahead of the first plan. */
  prepare(source: PlannerSource): void {
    this.#sources.set(source.id, source);
    this.start();
    for (const thread of this.#threads) thread.load(source);
  }

  /** Lets go of a supergraph, and of all threads with the last one. What waits for a plan of it is rejected. */
  release(id: number): void {
    this.#closing.delete(id);
    if (!this.#sources.delete(id)) return;
    for (const job of this.#waiting) if (job.source.id === id) this.#reject(job, stopping());
    for (const thread of this.#threads) {
      if (this.#sources.size === 0 || thread.job?.source.id === id) thread.end();
      else thread.release(id);
    }
  }

  /** Gives all plans of a supergraph so long from now on, at most, those that are yet to come too. */
  hurry(id: number, milliseconds: number): void {
    this.#closing.set(id, performance.now() + milliseconds);
    for (const thread of this.#threads) if (thread.job?.source.id === id) thread.hurry(milliseconds);
    for (const job of this.#waiting) if (job.source.id === id) this.#wait(job, milliseconds);
  }

  /**
   * Makes a plan.
   *
   * @returns the plan, as plain data
   * @throws PlanningError beyond a limit; what the planner throws, as a GraphQLError or an Error
   */
  plan({ source, task, selections, milliseconds }: PlanRequest): Promise<QueryPlan> {
    this.#sources.set(source.id, source);
    return new Promise((resolve, reject) => {
      const isLarge = selections >= this.#options.largeSelections;
      const job: WaitingJob = {
        number: this.#count++,
        source,
        task,
        isLarge,
        milliseconds,
        resolve,
        reject,
        timer: undefined,
      };
      if (this.#waiting.size >= this.#options.maxWaiting) return reject(overloaded());
      this.#waiting.add(job);
      this.#wait(job, milliseconds);
      this.#assign();
    });
  }

  #wait(job: WaitingJob, milliseconds: number): void {
    clearTimeout(job.timer);
    job.timer = setTimeout(() => this.#reject(job, overloaded()), milliseconds);
  }

  #reject(job: WaitingJob, error: PlanningError): void {
    clearTimeout(job.timer);
    this.#waiting.delete(job);
    job.reject(error);
  }

  /** Gives those that wait to threads that are free. */
  #assign(): void {
    if (this.#threads.size === 0 && this.#waiting.size > 0) this.#startThread();
    for (const thread of this.#threads) {
      if (thread.job !== null) continue;
      const job = this.#next();
      if (job === undefined) break;
      this.#waiting.delete(job);
      clearTimeout(job.timer);
      clearTimeout(this.#idle.get(thread));
      this.#idle.delete(thread);
      const closing = this.#closing.get(job.source.id);
      if (closing !== undefined)
        job.milliseconds = Math.min(job.milliseconds, Math.max(0, closing - performance.now()));
      thread.run(job);
    }
    if (this.#patience !== undefined || !this.#wantsThread()) return;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      if (!this.#wantsThread()) return;
      this.#startThread();
      this.#assign();
    }, this.#options.patienceMilliseconds).unref();
  }

  #wantsThread(): boolean {
    return this.#threads.size < this.#options.maxThreads && this.#next() !== undefined;
  }

  /** The job that waits longest and may begin. */
  #next(): WaitingJob | undefined {
    const hasLarge = [...this.#threads].some(({ job }) => job !== null && (job as WaitingJob).isLarge);
    return [...this.#waiting].find(({ isLarge }) => !isLarge || !hasLarge);
  }

  #startThread(): PlannerThread {
    const { heapMegabytes, maxPlanLength } = this.#options;
    const thread = new PlannerThread({
      heapMegabytes,
      maxPlanLength,
      onFree: () => {
        this.#assign();
        this.#endIdle(thread);
      },
      onEnd: (hadJob) => {
        clearTimeout(this.#idle.get(thread));
        this.#idle.delete(thread);
        this.#threads.delete(thread);
        if (hadJob) this.#replace();
        this.#assign();
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  /** Has another thread where one has ended, with what the next plan is likely to be about. */
  #replace(): void {
    const latest = [...this.#sources.values()].at(-1);
    if (this.#threads.size === 0 && latest !== undefined) this.#startThread().load(latest);
  }

  /** Ends a thread after a while, if there is another one. */
  #endIdle(thread: PlannerThread): void {
    if (thread.job !== null || this.#threads.size < 2) return;
    const timer = setTimeout(() => {
      if (thread.job === null && this.#threads.size > 1) thread.end();
    }, this.#options.idleMilliseconds);
    this.#idle.set(thread, timer.unref());
  }
}

function overloaded(): PlanningError {
  const message = "Other operations are being planned, and this one did not get its turn. Try again.";
  return new PlanningError("QUERY_PLANNING_OVERLOADED", message);
}

function stopping(): PlanningError {
  return new PlanningError("QUERY_PLANNING_OVERLOADED", "The gateway stops, and plans no more operations.");
}

/** The threads of this process, whatever gateways it has. */
export const planningPool = new PlanningPool();

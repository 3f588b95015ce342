import { DeadlineError } from "./subgraph-error.ts";

/** What is ended where it takes too long; a link of a list. */
export interface DeadlineEntry {
  /** From `performance.now()`. */
  readonly startedAt: number;
  before: DeadlineEntry | null;
  after: DeadlineEntry | null;
  end(reason: Error): void;
}

/**
 * Ends what takes longer than it may. As all may take equally long, they run out in the order in which they began: one
 * timer, for the oldest, is enough for any number of them.
 */
export class Deadlines {
  readonly #milliseconds: number;
  #oldest: DeadlineEntry | null = null;
  #newest: DeadlineEntry | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** @param entry began later than all others */
  add(entry: DeadlineEntry): void {
    entry.before = this.#newest;
    if (this.#newest === null) this.#oldest = entry;
    else this.#newest.after = entry;
    this.#newest = entry;
    if (this.#timer === null) this.#wait(this.#milliseconds);
  }

  /** Takes out what was added before, and is in still. */
  remove(entry: DeadlineEntry): void {
    const { before, after } = entry;
    if (before === null) this.#oldest = after;
    else before.after = after;
    if (after === null) this.#newest = before;
    else after.before = before;
    entry.before = null;
    entry.after = null;
  }

  #wait(milliseconds: number): void {
    // Connections keep the process alive while there are calls.
    this.#timer = setTimeout(() => this.#look(), Math.ceil(milliseconds)).unref();
  }

  /** Entries are taken out when they have come to their end, which may be at once or a little later. */
  #look(): void {
    this.#timer = null;
    const now = performance.now();
    let entry = this.#oldest;
    while (entry !== null) {
      const left = entry.startedAt + this.#milliseconds - now;
      if (left > 0) return this.#wait(left);
      const next: DeadlineEntry | null = entry.after;
      entry.end(new DeadlineError(`no answer in ${this.#milliseconds} ms`));
      entry = next;
    }
  }
}

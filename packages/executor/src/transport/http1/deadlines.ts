/** What has a deadline of its own to look after. */
export interface Watched {
  /** @param now on the clock of `performance.now()` */
  look(now: number): void;
}

/**
 * Looks after deadlines, all with one timer, so that setting one is no more than writing a number. They are met late by
 * up to the resolution.
 */
export class Deadlines {
  readonly #watched = new Set<Watched>();
  readonly #resolution: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param shortest of all the times that are waited, in milliseconds */
  constructor(shortest: number) {
    this.#resolution = Math.min(500, Math.max(5, shortest / 4));
  }

  watch(watched: Watched): void {
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => this.#look(), this.#resolution).unref();
  }

  unwatch(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const now = performance.now();
    for (const watched of this.#watched) watched.look(now);
  }
}

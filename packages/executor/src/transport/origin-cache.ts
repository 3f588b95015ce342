/** What keeps connections to one origin. */
interface OriginPool {
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}

/** How many URLs, and origins, are kept: subgraphs are fewer, and where redirects lead may be a new one each time. */
const LIMITS = { urls: 2_000, origins: 1_000 };

/** What a transport keeps: the connections to each origin, and what it takes to send to each URL. */
export class OriginCache<Pool extends OriginPool, Target> {
  readonly #pools = new Map<string, Pool>();
  readonly #targets = new Map<string, Target>();
  readonly #createPool: (url: URL) => Pool;
  readonly #createTarget: (url: URL, pool: Pool) => Target;
  /** Those that others took the place of, until they are closed. */
  readonly #closing = new Set<Promise<void>>();

  constructor(createPool: (url: URL) => Pool, createTarget: (url: URL, pool: Pool) => Target) {
    this.#createPool = createPool;
    this.#createTarget = createTarget;
  }

  /** @throws TypeError where the text is no URL, and what creating a pool throws */
  targetOf(text: string): Target {
    return this.#targets.get(text) ?? this.#add(text);
  }

  #add(text: string): Target {
    const url = new URL(text);
    const pool = this.#pools.get(url.origin) ?? this.#addPool(url);
    if (this.#targets.size >= LIMITS.urls) this.#targets.clear();
    const target = this.#createTarget(url, pool);
    this.#targets.set(text, target);
    return target;
  }

  #addPool(url: URL): Pool {
    const pool = this.#createPool(url);
    const [oldest] = this.#pools;
    if (oldest !== undefined && this.#pools.size >= LIMITS.origins) {
      this.#pools.delete(oldest[0]);
      // Some are of the pool that goes.
      this.#targets.clear();
      const closed = oldest[1].close().finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
    this.#pools.set(url.origin, pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closing, ...[...this.#pools.values()].map((pool) => pool.close())]);
  }
}

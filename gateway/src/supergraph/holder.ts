import { type Engine, hashOf } from "./engine.ts";

export interface HolderOptions<Each extends Engine> {
  /** Makes an engine, or throws. */
  readonly createEngine: (sdl: string) => Promise<Each>;
  /** Does what an engine needs before it serves; `current` is null for the first one. */
  readonly makeReady: (next: Each, current: Each | null) => Promise<void>;
  /** Puts an engine in the place of the one before. */
  readonly onSwap: (engine: Each, before: Each) => void;
  /** Told of a supergraph that was refused while the last good one stays. */
  readonly onRefusal: (hash: string, reason: Error) => void;
}

/** What came of a supergraph that was offered. */
export interface Considered {
  /** SHA-256 of its text, in hex. */
  readonly hash: string;
  /** Why it cannot be served; null where it can. */
  readonly fault: string | null;
}

/** Keeps the last good supergraph. */
export interface SupergraphHolder<Each extends Engine> {
  readonly current: Each;
  /** The supergraph that was offered last and refused, as its hash; null where the last one was taken. */
  readonly refused: string | null;
  /** Takes a supergraph where it is good and new. Never throws. Offers are worked off one after the other. */
  offer(sdl: string): Promise<void>;
  /** Makes an engine of a supergraph, and keeps it ready for `commit`. Never throws. */
  prepare(sdl: string): Promise<Considered>;
  /** Serves the supergraph that was prepared last, where it is this one and it was good. Never throws. */
  commit(hash: string): void;
  stop(): Promise<void>;
}

/**
 * Makes a holder with a first supergraph.
 *
 * Operations that run keep the engine that they began with, so that a swap drops nothing.
 *
 * @throws SupergraphError where the first one cannot be served
 */
export async function createSupergraphHolder<Each extends Engine>(
  sdl: string,
  options: HolderOptions<Each>,
): Promise<SupergraphHolder<Each>> {
  let current = await options.createEngine(sdl);
  await options.makeReady(current, null);
  let prepared: Each | null = null;
  let refused: string | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result;
    return result;
  };
  const prepare = async (offered: string): Promise<Considered> => {
    const hash = hashOf(offered);
    prepared = null;
    try {
      if (hash === current.hash) {
        refused = null;
        return { hash, fault: null };
      }
      const next = await options.createEngine(offered);
      await options.makeReady(next, current);
      prepared = next;
      refused = null;
      return { hash, fault: null };
    } catch (error) {
      return { hash, fault: refuse(hash, error) };
    }
  };
  const refuse = (hash: string, error: unknown): string => {
    const reason = error instanceof Error ? error : new Error(String(error));
    // It is told of once, however often it is offered.
    if (hash !== refused) options.onRefusal(hash, reason);
    refused = hash;
    return reason.message;
  };
  const commit = (hash: string): void => {
    if (prepared === null || prepared.hash !== hash) return;
    const next = prepared;
    prepared = null;
    try {
      options.onSwap(next, current);
      current = next;
    } catch (error) {
      refuse(hash, error);
    }
  };

  return {
    get current() {
      return current;
    },
    get refused() {
      return refused;
    },
    offer: (offered) => inTurn(async () => commit((await prepare(offered)).hash)),
    prepare: (offered) => inTurn(() => prepare(offered)),
    commit,
    async stop() {
      await queue;
      await current.stop();
    },
  };
}

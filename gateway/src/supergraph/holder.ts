import { type Engine, hashOf } from "./engine.ts";

export interface HolderOptions {
  /** Makes an engine, or throws. */
  readonly createEngine: (sdl: string) => Promise<Engine>;
  readonly onSwap: (engine: Engine) => void;
  /** Told of a supergraph that was refused while the last good one stays. */
  readonly onRefusal: (hash: string, reason: Error) => void;
}

/** Keeps the last good supergraph. */
export interface SupergraphHolder {
  readonly current: Engine;
  /** The supergraph that was offered last and refused, as its hash; null where the last one was taken. */
  readonly refused: string | null;
  /** Takes a supergraph where it is good and new. Never throws. Offers are worked off one after the other. */
  offer(sdl: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Makes a holder with a first supergraph.
 *
 * Operations that run keep the engine that they began with, so that a swap drops nothing.
 *
 * @throws SupergraphError where the first one cannot be served
 */
export async function createSupergraphHolder(sdl: string, options: HolderOptions): Promise<SupergraphHolder> {
  let current = await options.createEngine(sdl);
  let refused: string | null = null;
  let queue: Promise<void> = Promise.resolve();

  const consider = async (offered: string) => {
    const hash = hashOf(offered);
    if (hash === current.hash) refused = null;
    if (hash === current.hash || hash === refused) return;
    try {
      const next = await options.createEngine(offered);
      current = next;
      refused = null;
      options.onSwap(next);
    } catch (error) {
      refused = hash;
      options.onRefusal(hash, error instanceof Error ? error : new Error(String(error)));
    }
  };

  return {
    get current() {
      return current;
    },
    get refused() {
      return refused;
    },
    offer: (offered) => (queue = queue.then(() => consider(offered))),
    async stop() {
      await queue;
      await current.stop();
    },
  };
}

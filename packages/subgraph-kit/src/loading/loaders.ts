import DataLoader from "dataloader";

/** How a request's loaders behave. */
export interface LoadingOptions {
  /** Whether keys that are asked for together are fetched together, each once. Off only to measure what that saves. */
  batching: boolean;
}

/**
 * Makes a loader of one request: keys asked for in the same tick become one call of `fetch`.
 *
 * @param fetch takes keys without repetition, and gives a map from key to value; a key it leaves out loads as `null`
 */
export function createLoader<Value>(
  { batching }: LoadingOptions,
  fetch: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): DataLoader<string, Value | null> {
  return new DataLoader<string, Value | null>(
    async (keys) => {
      const found = await fetch(keys);
      return keys.map((key) => found.get(key) ?? null);
    },
    { batch: batching, cache: batching },
  );
}

/** Loads, for a key, what the given arguments ask for. */
export interface ArgumentLoader<Arguments, Value> {
  load(key: string, args: Arguments): Promise<Value | null>;
}

/**
 * Makes a loader for a field with arguments: a loader for each set of arguments that occurs in the request, so that N
 * parents that ask for the same page become one call of `fetch`.
 *
 * @param fetch takes keys without repetition and the arguments that they have in common
 */
export function createArgumentLoader<Arguments, Value>(
  options: LoadingOptions,
  fetch: (keys: readonly string[], args: Arguments) => Promise<ReadonlyMap<string, Value>>,
): ArgumentLoader<Arguments, Value> {
  const loaders = new Map<string, DataLoader<string, Value | null>>();
  return {
    load(key, args) {
      const name = JSON.stringify(args);
      let loader = loaders.get(name);
      if (!loader) {
        loader = createLoader<Value>(options, (keys) => fetch(keys, args));
        loaders.set(name, loader);
      }
      return loader.load(key);
    },
  };
}

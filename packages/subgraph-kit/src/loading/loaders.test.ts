import { describe, expect, test, vi } from "vitest";
import { createArgumentLoader, createLoader } from "./loaders.ts";

const lengths = () =>
  vi.fn<(keys: readonly string[]) => Promise<Map<string, number>>>(
    async (keys) => new Map(keys.filter((key) => key !== "").map((key) => [key, key.length])),
  );

describe("with batching", () => {
  const on = { batching: true };

  test("keys asked for together are fetched together, each once, and are not fetched again", async () => {
    const fetch = lengths();
    const loader = createLoader(on, fetch);
    expect(await Promise.all(["a", "bb", "a", ""].map((key) => loader.load(key)))).toEqual([1, 2, 1, null]);
    expect(await loader.load("bb")).toBe(2);
    expect(fetch.mock.calls).toEqual([[["a", "bb", ""]]]);
  });

  test("the same arguments are fetched together, others by themselves", async () => {
    const fetch = vi.fn<(keys: readonly string[], args: { first: number }) => Promise<Map<string, string>>>(
      async (keys, { first }) => new Map(keys.map((key) => [key, `${key}${first}`])),
    );
    const loader = createArgumentLoader(on, fetch);
    expect(
      await Promise.all([
        loader.load("a", { first: 1 }),
        loader.load("b", { first: 1 }),
        loader.load("a", { first: 2 }),
        loader.load("a", { first: 1 }),
      ]),
    ).toEqual(["a1", "b1", "a2", "a1"]);
    expect(fetch.mock.calls).toEqual([
      [["a", "b"], { first: 1 }],
      [["a"], { first: 2 }],
    ]);
  });

  test("a fetch that fails fails for each of its keys", async () => {
    const loader = createLoader<number>(on, () => Promise.reject(new Error("gone")));
    const results = await Promise.allSettled([loader.load("a"), loader.load("b")]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("without batching", () => {
  test("every key asked for is a fetch of its own, also the same one again", async () => {
    const fetch = lengths();
    const loader = createLoader({ batching: false }, fetch);
    expect(await Promise.all(["a", "bb", "a"].map((key) => loader.load(key)))).toEqual([1, 2, 1]);
    expect(fetch.mock.calls).toEqual([[["a"]], [["bb"]], [["a"]]]);
  });
});

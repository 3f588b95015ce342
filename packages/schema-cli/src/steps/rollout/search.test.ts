import fc from "fast-check";
import { expect, test } from "vitest";
import { searchOrder } from "./search.ts";

const seed = Number(process.env.TEST_SEED);

/** Every order of some names. */
function permutations(names: string[]): string[][] {
  if (names.length === 0) return [[]];
  return names.flatMap((name) =>
    permutations(names.filter((each) => each !== name)).map((rest) => [name, ...rest]),
  );
}

test("finds an order exactly where there is one, and never one through a state that breaks", () => {
  const names = ["a", "b", "c", "d"];
  // States as bit masks: bit i is whether change i is deployed.
  const broken = fc.uniqueArray(fc.integer({ min: 1, max: 14 }));
  const mask = (set: Iterable<string>) => [...set].reduce((sum, name) => sum + 2 ** names.indexOf(name), 0);
  fc.assert(
    fc.property(broken, (masks) => {
      const works = (order: string[]) =>
        order.slice(0, -1).every((_, index) => !masks.includes(mask(order.slice(0, index + 1))));
      let looks = 0;
      const look = (set: ReadonlySet<string>) => {
        looks += 1;
        return masks.includes(mask(set)) ? ["broken"] : [];
      };
      const result = searchOrder({ changes: names, look, limit: 100 });
      expect(looks).toBeLessThanOrEqual(14);
      const possible = permutations(names).some(works);
      expect(result.kind).toBe(possible ? "order" : "conflict");
      if (result.kind === "order") expect(works(result.order)).toBe(true);
      if (result.kind !== "conflict") return;
      expect(masks).not.toContain(mask(result.deployed));
      for (const { change } of result.blocked) expect(masks).toContain(mask([...result.deployed, change]));
      expect(masks).not.toContain(mask([...result.deployed, ...result.together]));
    }),
    { seed, numRuns: 500 },
  );
});

test("gives up past the limit, and says after how many", () => {
  const changes = Array.from({ length: 12 }, (_, index) => String(index));
  const look = (set: ReadonlySet<string>) => (set.size > 6 ? ["broken"] : []);
  expect(searchOrder({ changes, look, limit: 50 })).toEqual({ kind: "gave up", looked: 50 });
});

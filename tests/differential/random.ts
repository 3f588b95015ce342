/** Choices that a number settles: the same number, the same choices. */
export interface Random {
  /** A whole number from 0 up to, and without, the bound. */
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** Each item with a probability, and at least one. */
  some<Item>(items: readonly Item[], probability: number): Item[];
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  const pick = <Item>(items: readonly Item[]) => {
    if (items.length === 0) throw new Error("Nothing to pick from.");
    return items[below(items.length)] as Item;
  };
  return {
    below,
    chance: (probability) => next() < probability,
    pick,
    some(items, probability) {
      const taken = items.filter(() => next() < probability);
      return taken.length > 0 || items.length === 0 ? taken : [pick(items)];
    },
  };
}

/** A number that a text settles (FNV-1a with a final mix). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

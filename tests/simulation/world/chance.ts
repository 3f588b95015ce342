import { createRandom, type Random } from "../../ordering/random.fixture.ts";

/** Numbers that a seed decides, a stream for each purpose: what one fault draws changes nothing for another. */
export interface Chance {
  /** The stream of a purpose: the same name gives the same stream. */
  of(name: string): Random;
}

/** Creates the streams of a seed. */
export function createChance(seed: number): Chance {
  const streams = new Map<string, Random>();
  return {
    of(name) {
      let stream = streams.get(name);
      if (stream === undefined) {
        stream = createRandom(hash(`${seed} ${name}`));
        streams.set(name, stream);
      }
      return stream;
    },
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

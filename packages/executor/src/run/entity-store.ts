import type { EntityAnswers } from "./subgraph-answer.ts";

/** One call for entities: sent, or on its way. */
export interface EntityCall {
  readonly answers: Promise<EntityAnswers>;
}

/** Where the answer to a representation is found. */
export interface EntityPlace {
  readonly call: EntityCall;
  readonly index: number;
}

/**
 * What one request has asked of which entity: by the fetch's key, which stands for subgraph, selection and variables,
 * and by the representation's text.
 */
export class EntityStore {
  readonly #places = new Map<string, Map<string, EntityPlace>>();

  /** The places of a key's representations. */
  placesOf(key: string): Map<string, EntityPlace> {
    let places = this.#places.get(key);
    if (places === undefined) this.#places.set(key, (places = new Map()));
    return places;
  }
}

/** Forgets the representations of a call that had errors, so that a later fetch asks again. */
export function forgetFailures(places: Map<string, EntityPlace>, call: EntityCall): void {
  const forget = () => {
    for (const [text, place] of places) if (place.call === call) places.delete(text);
  };
  call.answers.then(({ errors, errorsOf, strays, fault }) => {
    if (errors.length > 0 || strays.length > 0 || errorsOf.size > 0 || fault !== null) forget();
  }, forget);
}

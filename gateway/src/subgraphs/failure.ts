import type { Path } from "./response-tree.ts";

/** Something that a subgraph did not deliver, and where in the answer it was to be. */
export interface Failure {
  readonly service: string;
  readonly code: string;
  /** For the client. */
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
  /**
   * Places in the answer, as far as they are known. `exact` ones were named by the subgraph; otherwise they are all
   * places that the failed fetch was to fill, of which the client may see only some.
   */
  readonly places: readonly Path[];
  readonly exact: boolean;
  /** The objects that the fetch was about: where to point when none of the places is in the client's answer. */
  readonly objects: readonly Path[];
  /** The fetch in the plan: its path with @ for lists, and the keys that it was to bring. */
  readonly fetch: { readonly path: readonly (string | number)[]; readonly keys: readonly string[] };
}

/** One call of a subgraph. */
export interface CallRecord {
  readonly service: string;
  readonly durationMs: number;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  readonly code?: string;
}

/** A fetch that was sent, kept to find out later whose a field is. */
export interface SentFetch {
  readonly service: string;
  readonly path: readonly (string | number)[];
  readonly operation: string;
}

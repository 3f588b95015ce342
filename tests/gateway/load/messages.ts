/** A load for one server. */
export interface LoadCommand {
  readonly url: string;
  readonly query: string;
  /** Whether each request has a token of its own; else all have one and the same. */
  readonly ownToken: boolean;
  readonly connections: number;
  /** How long requests are sent; those under way then are waited for. */
  readonly seconds: number;
  /** Length of the right answer's body. */
  readonly bytes: number;
}

export interface LoadResult {
  readonly requests: number;
  /** Until the last answer. */
  readonly seconds: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
}

/** What the process of the load answers. */
export type LoadAnswer = LoadResult | { readonly error: string };

import type { GraphQLFormattedError } from "graphql";

/** A place in an answer: response names and positions in lists. */
export type Path = readonly (string | number)[];

/** Something that a subgraph did not deliver. */
export interface Failure {
  readonly service: string;
  readonly code: string;
  /** For the client. */
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** Whether the subgraph named the very place; otherwise the objects are known that the fetch was about. */
  readonly exact: boolean;
  /** The fetch in the plan, with the plan's own names: its path with @ for lists, and the keys that it was to bring. */
  readonly fetch: { readonly path: Path; readonly keys: readonly string[] };
}

/**
 * A failure as the executor is told of it: an error of a subgraph's answer. It finds out where in the client's answer
 * the place is, or all the places where there are several.
 */
export class FailureReport implements GraphQLFormattedError {
  readonly message: string;
  readonly extensions: { readonly code: string };
  /** In the subgraph's answer. Empty for the whole of it. */
  readonly path: Path;
  readonly failure: Failure;
  /** The keys that were to be had of the object at the path, in the plan's names; none where the place is exact. */
  readonly keys: readonly string[];

  constructor(failure: Failure, path: Path, keys: readonly string[] = []) {
    this.message = failure.message;
    this.extensions = { code: failure.code };
    this.path = path;
    this.failure = failure;
    this.keys = keys;
  }
}

/** One call of a subgraph. */
export interface CallRecord {
  readonly service: string;
  readonly durationMs: number;
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** Code of the error that the call came to, if any. */
  readonly code?: string | undefined;
}

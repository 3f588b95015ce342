/** What every worker can tell of all of them. */
export interface ClusterStatus {
  /** How many there are to be. */
  readonly workers: number;
  /** How many serve. */
  readonly ready: number;
  /** SHA-256 of the supergraph that was offered last and refused; null where it was taken. */
  readonly refused: string | null;
}

/** What workers hand on and the cluster does not look into. It goes as JSON. */
export interface Payloads {
  /** What all workers work with. */
  readonly setting: { readonly supergraph: string };
  /** An operation that a worker was asked for. */
  readonly operation: unknown;
  /** What a worker counted. */
  readonly usage: unknown;
}

/** What a worker begins with. */
export interface WorkerStart<Types extends Payloads> {
  /** Which of the workers it is, from 1. */
  readonly number: number;
  readonly port: number;
  readonly setting: Types["setting"];
  readonly operations: readonly Types["operation"][];
  readonly status: ClusterStatus;
}

/** What the primary says to a worker. */
export type ToWorker<Types extends Payloads> =
  | { readonly type: "start"; readonly start: WorkerStart<Types> }
  | { readonly type: "prepare"; readonly supergraph: string }
  | { readonly type: "commit"; readonly hash: string }
  | { readonly type: "operations" }
  | { readonly type: "status"; readonly status: ClusterStatus }
  | { readonly type: "stop"; readonly drains: boolean }
  | { readonly type: "heard" };

/** What a worker made of a supergraph. */
export interface Prepared {
  /** SHA-256 of its text, in hex. */
  readonly hash: string;
  /** Why it cannot be served; null where it is ready to be. */
  readonly fault: string | null;
}

/** What a worker says to the primary. */
export type FromWorker<Types extends Payloads> =
  | { readonly type: "hello" }
  | { readonly type: "ready"; readonly url: string; readonly hash: string }
  | ({ readonly type: "prepared" } & Prepared)
  | { readonly type: "operations"; readonly operations: readonly Types["operation"][] }
  | { readonly type: "usage"; readonly usage: Types["usage"] }
  /** Is answered by `heard`. */
  | { readonly type: "listen" }
  | { readonly type: "bye" };

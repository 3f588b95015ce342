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
  /** What a worker has learnt while it served, and one that begins can use. */
  readonly known: unknown;
  /** What a worker counted. */
  readonly usage: unknown;
}

/** What a worker begins with. */
export interface WorkerStart<Types extends Payloads> {
  /** Which of the workers it is, from 1. */
  readonly number: number;
  readonly port: number;
  readonly setting: Types["setting"];
  /** What a worker that serves knows; null where none serves yet. */
  readonly known: Types["known"] | null;
  readonly status: ClusterStatus;
}

/** What the primary says to a worker. A response repeats the `id` of its request. */
export type ToWorker<Types extends Payloads> =
  | { readonly type: "start"; readonly start: WorkerStart<Types> }
  | { readonly type: "prepare"; readonly id: number; readonly supergraph: string }
  | { readonly type: "commit"; readonly hash: string }
  | { readonly type: "known"; readonly id: number }
  | { readonly type: "status"; readonly status: ClusterStatus }
  | { readonly type: "stop"; readonly drains: boolean }
  | { readonly type: "heard"; readonly id: number };

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
  | { readonly type: "prepared"; readonly id: number; readonly prepared: Prepared }
  | { readonly type: "known"; readonly id: number; readonly known: Types["known"] }
  | { readonly type: "usage"; readonly usage: Types["usage"] }
  /** Is answered by `heard`. */
  | { readonly type: "listen"; readonly id: number }
  | { readonly type: "bye" };

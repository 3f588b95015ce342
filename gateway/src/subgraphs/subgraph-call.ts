import type { EndListener, EndSignal, TransportResponse } from "@tributary/executor";
import type { DeadlineEntry } from "./deadlines.ts";
import type { CallRecord } from "./failure.ts";

/**
 * One call of a subgraph while it runs, and what the log tells of it. It is the call's own signal and its own deadline:
 * a gateway makes many of these, and an AbortSignal costs as much as the rest of it.
 */
export class SubgraphCall implements EndSignal, DeadlineEntry, CallRecord {
  readonly service: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  durationMs = 0;
  status: number | null = null;
  code: string | undefined = undefined;
  /** Why the call was ended early. */
  reason: unknown = undefined;
  aborted = false;
  before: DeadlineEntry | null = null;
  after: DeadlineEntry | null = null;
  /** What came, until it was read. */
  response: TransportResponse | null = null;
  #listener: EndListener | null = null;

  constructor(service: string, startedAt: number) {
    this.service = service;
    this.startedAt = startedAt;
  }

  /** Transports listen once for each call. */
  addEventListener(_type: "abort", listener: EndListener): void {
    this.#listener = listener;
  }

  removeEventListener(_type: "abort", listener: EndListener): void {
    if (this.#listener === listener) this.#listener = null;
  }

  /** Ends the call, unless it has ended. */
  end(reason: unknown): void {
    if (this.aborted || this.durationMs > 0) return;
    this.aborted = true;
    this.reason = reason;
    const listener = this.#listener;
    this.#listener = null;
    if (typeof listener === "function") listener();
    else listener?.handleEvent(new Event("abort"));
  }

  /** The call has come to its end. */
  finish(response: TransportResponse | null): void {
    // To a hundredth of a millisecond, and never none at all.
    this.durationMs = Math.max(Math.round((performance.now() - this.startedAt) * 100) / 100, 0.01);
    this.status = response?.status ?? null;
    this.response = response;
  }

  /** For the log. */
  toJSON(): CallRecord {
    const { service, durationMs, status, code } = this;
    return code === undefined ? { service, durationMs, status } : { service, durationMs, status, code };
  }
}

import { afterEach } from "vitest";
import { createHttp1Transport } from "./http1-transport.ts";
import type { Transport, TransportRequest } from "./transport.ts";
import type { HttpTransportOptions } from "./transport-options.ts";
import { createUndiciTransport } from "./undici-transport.ts";

/** Every transport over HTTP, by name. */
export const TRANSPORTS: readonly {
  readonly name: string;
  readonly create: (options?: HttpTransportOptions) => Transport;
}[] = [
  { name: "undici", create: createUndiciTransport },
  { name: "http1", create: createHttp1Transport },
];

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Stops what a test started, when the test is over: the last one first. */
export function cleanUp(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

/** A call to a fixture. */
export function call(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return { url, headers: {}, body: "{}", ...more };
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error("It did not fail.");
  return outcome;
}

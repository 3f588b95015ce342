import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { compressionThreshold } from "./compression.ts";
import { SANDBOX_ORIGIN } from "./sandbox.ts";

/** Tells the ordinary requests, for which the shortcut is, from all others. */
export interface ShortRequests {
  /**
   * The content type of an answer to a request: null where the request is not of the ordinary, or where it is not known
   * yet what Apollo Server would make of its `accept`.
   */
  contentTypeFor(request: Pick<IncomingMessage, "method" | "url" | "headers">): string | null;
  /** Whether an answer leaves as it is: neither compressed nor with headers for browsers from elsewhere. */
  isPlain(headers: IncomingHttpHeaders, answer: Buffer): boolean;
  /** Told of an answer with data that Apollo Server gave to a POST. */
  learn(accept: string | undefined, contentType: string): void;
}

export interface ShortRequestsOptions {
  readonly path: string;
  readonly bodyLimitBytes: number;
  /** Whether pages of other origins may call. */
  readonly hasCors: boolean;
}

/** JSON as clients say it. Other ways to say the same take the long way. */
const contentTypes: ReadonlySet<string> = new Set([
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=utf-8",
  "application/json; charset=UTF-8",
  "application/json;charset=UTF-8",
]);

/** Asks for the plan, which no answer has that is kept for others. */
const planHeader = "apollo-query-plan-experimental";

/** How many values of `accept` are remembered, and how long they may be. */
const accepts = { count: 100, characters: 200 };

/** Makes what tells ordinary requests from others. */
export function createShortRequests(options: ShortRequestsOptions): ShortRequests {
  const { path, bodyLimitBytes, hasCors } = options;
  const known = new Map<string, string>();
  return {
    contentTypeFor({ method, url, headers }) {
      if (method !== "POST" || url !== path) return null;
      if (!contentTypes.has(headers["content-type"] ?? "")) return null;
      if (headers["content-encoding"] !== undefined || headers["transfer-encoding"] !== undefined)
        return null;
      if (headers[planHeader] !== undefined || headers.origin === SANDBOX_ORIGIN) return null;
      // Node has made sure that it is a number, and that the body is as long.
      const length = Number(headers["content-length"]);
      if (!(length > 0 && length <= bodyLimitBytes)) return null;
      return known.get(headers.accept ?? "") ?? null;
    },
    isPlain(headers, { length }) {
      return !hasCors && (headers["accept-encoding"] === undefined || length < compressionThreshold);
    },
    learn(accept = "", contentType) {
      if (known.size < accepts.count && accept.length <= accepts.characters) known.set(accept, contentType);
    },
  };
}

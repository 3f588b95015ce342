import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/**
 * Sends equal calls that are under way at one time once. Equal is every byte: URL, headers and body; so callers with
 * different credentials never share. For queries only: a mutation that is asked for twice is sent twice.
 *
 * Calls that can be ended early are not shared, as one caller would end the call of the other.
 */
export function collapseEqualCalls(transport: Transport): Transport["send"] {
  const underWay = new Map<string, Promise<TransportResponse>>();
  return (request) => {
    if (request.signal !== undefined) return transport.send(request);
    const key = keyOf(request);
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const sent = transport.send(request).finally(() => underWay.delete(key));
    underWay.set(key, sent);
    return sent;
  };
}

/** No two requests have the same: JSON quotes each part. The body comes last, as it is, and needs no quotes. */
function keyOf({ url, headers, body }: TransportRequest): string {
  return `${JSON.stringify([url, headers])}${body}`;
}

import { expect, test } from "vitest";
import { collapseEqualCalls } from "./collapse.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

const RESPONSE: TransportResponse = { status: 200, statusText: "OK", headers: {}, body: "{}" };
const REQUEST: TransportRequest = { url: "http://a.test/", headers: { authorization: "one" }, body: "{}" };

/** A transport whose calls end when told to. */
function heldTransport() {
  const sent: TransportRequest[] = [];
  const ends: PromiseWithResolvers<TransportResponse>[] = [];
  const transport: Transport = {
    send(request) {
      sent.push(request);
      const end = Promise.withResolvers<TransportResponse>();
      ends.push(end);
      return end.promise;
    },
    close: async () => {},
  };
  return { sent, ends, send: collapseEqualCalls(transport) };
}

test("equal calls under way are sent once, and again when the first has ended", async () => {
  const { sent, ends, send } = heldTransport();
  const calls = [send(REQUEST), send({ ...REQUEST })];
  expect(sent).toHaveLength(1);
  ends[0]?.resolve(RESPONSE);
  expect(await Promise.all(calls)).toEqual([RESPONSE, RESPONSE]);
  void send(REQUEST);
  expect(sent).toHaveLength(2);
});

test.each([
  { ...REQUEST, headers: { authorization: "two" } },
  { ...REQUEST, body: "{ }" },
  { ...REQUEST, url: "http://b.test/" },
  { ...REQUEST, signal: new AbortController().signal },
])("a call that differs is sent by itself: %j", (other) => {
  const { sent, send } = heldTransport();
  void send(REQUEST);
  void send(other);
  expect(sent).toHaveLength(2);
});

test("a failure reaches all who waited, and is not kept", async () => {
  const { sent, ends, send } = heldTransport();
  const calls = [send(REQUEST), send(REQUEST)];
  ends[0]?.reject(new Error("down"));
  expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  void send(REQUEST);
  expect(sent).toHaveLength(2);
});

import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { collapseEqualCalls } from "./collapse.ts";
import { type Dispatch, promised } from "./dispatch.ts";
import { startHttpFixture } from "./subgraph-http.fixture.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { cleanUp, failureOf, TRANSPORTS } from "./transports.fixture.ts";

const RESPONSE: TransportResponse = { status: 200, statusText: "OK", headers: {}, body: "{}" };
const REQUEST: TransportRequest = { url: "http://a.test/", headers: { authorization: "one" }, body: "{}" };

const left = () => new Error("left");

function promising(dispatch: Dispatch) {
  return (request: TransportRequest) => promised((receiver) => dispatch(request, receiver));
}

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
  return { sent, ends, send: promising(collapseEqualCalls(transport)) };
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
  { ...REQUEST, headers: { authorization: "on", e: "" } },
  { ...REQUEST, headers: { ...REQUEST.headers, x: "" } },
  { ...REQUEST, headers: {} },
])("a call that differs is sent by itself: %j", (other) => {
  const { sent, send } = heldTransport();
  void send(REQUEST);
  void send(other);
  expect(sent).toHaveLength(2);
});

test("calls of equal length are told apart, whichever ends first", async () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    const { sent, ends, send } = heldTransport();
    const bodies = ["a", "b", "c"].map((text) => `{"query":"${text}"}`);
    const calls = bodies.map((body) => send({ ...REQUEST, body }));
    for (const ended of order) {
      for (const body of bodies) void send({ ...REQUEST, body });
      // Those that ended before are sent again; those that are under way are not.
      const again = sent.length;
      for (const body of bodies) void send({ ...REQUEST, body });
      expect(sent).toHaveLength(again);
      ends[ended]?.resolve({ ...RESPONSE, body: String(ended) });
      expect((await calls[ended])?.body).toBe(String(ended));
    }
    expect(sent.map(({ body }) => body)).toEqual([
      ...bodies,
      ...order.slice(0, 2).map((each) => bodies[each]),
    ]);
  }
});

test("an answer is held by as many as wait for it", async () => {
  const { ends, send } = heldTransport();
  const retained: number[] = [];
  const calls = [send(REQUEST), send(REQUEST), send(REQUEST)];
  ends[0]?.resolve({ ...RESPONSE, retain: (more) => void retained.push(more) });
  await Promise.all(calls);
  const alone = send(REQUEST);
  ends[1]?.resolve({ ...RESPONSE, retain: (more) => void retained.push(more) });
  await alone;
  expect(retained).toEqual([2]);
});

test("a failure reaches all who waited, and is not kept", async () => {
  const { sent, ends, send } = heldTransport();
  const { signal } = new AbortController();
  const calls = [send(REQUEST), send(REQUEST), send({ ...REQUEST, signal })];
  ends[0]?.reject(new Error("down"));
  for (const call of calls) expect((await failureOf(call)).message).toBe("down");
  void send(REQUEST);
  expect(sent).toHaveLength(2);
});

test("who leaves is told so at once, and the others get the answer", async () => {
  const { sent, ends, send } = heldTransport();
  const [first, second] = [new AbortController(), new AbortController()];
  const leaves = send({ ...REQUEST, signal: first.signal });
  const stays = [send({ ...REQUEST, signal: second.signal }), send(REQUEST)];
  first.abort(left());
  expect((await failureOf(leaves)).message).toContain("left");
  expect(sent).toHaveLength(1);
  expect(sent[0]?.signal?.aborted).toBe(false);
  ends[0]?.resolve(RESPONSE);
  expect(await Promise.all(stays)).toEqual([RESPONSE, RESPONSE]);
  expect(getEventListeners(second.signal, "abort")).toEqual([]);
});

test("a call goes on for one who cannot leave, whoever came first", async () => {
  for (const isFirst of [true, false]) {
    const { sent, ends, send } = heldTransport();
    const client = new AbortController();
    const requests = [REQUEST, { ...REQUEST, signal: client.signal }];
    const calls = (isFirst ? requests : requests.toReversed()).map((request) => send(request));
    client.abort(left());
    expect(sent[0]?.signal?.aborted ?? false).toBe(false);
    ends[0]?.resolve(RESPONSE);
    const outcomes = (await Promise.allSettled(calls)).map(({ status }) => status);
    expect(outcomes).toEqual(isFirst ? ["fulfilled", "rejected"] : ["rejected", "fulfilled"]);
  }
});

test("when all have left the call ends, and one who comes then has a call of their own", async () => {
  const { sent, ends, send } = heldTransport();
  const clients = [new AbortController(), new AbortController()];
  const calls = clients.map(({ signal }) => send({ ...REQUEST, signal }));
  for (const client of clients) client.abort(left());
  for (const call of calls) expect((await failureOf(call)).message).toContain("left");
  expect(sent[0]?.signal?.aborted).toBe(true);
  const late = send({ ...REQUEST, signal: new AbortController().signal });
  expect(sent).toHaveLength(2);
  ends[0]?.reject(left());
  ends[1]?.resolve(RESPONSE);
  expect(await late).toBe(RESPONSE);
});

test("one who has left already waits for nothing", async () => {
  const { sent, send } = heldTransport();
  expect((await failureOf(send({ ...REQUEST, signal: AbortSignal.abort(left()) }))).message).toContain(
    "left",
  );
  expect(sent).toEqual([]);
});

test.each(TRANSPORTS)("a subgraph sees that all have left, by $name", async ({ create }) => {
  let closed = 0;
  const fixture = await startHttpFixture((response) => response.on("close", () => closed++));
  cleanUp(fixture.stop);
  const transport = create();
  cleanUp(transport.close);
  const send = promising(collapseEqualCalls(transport));
  const clients = [new AbortController(), new AbortController()];
  const calls = clients.map(({ signal }) => send({ url: fixture.url, headers: {}, body: "{}", signal }));
  await expect.poll(() => fixture.received.length).toBe(1);
  clients[0]?.abort(left());
  await failureOf(calls[0] as Promise<unknown>);
  expect(closed).toBe(0);
  clients[1]?.abort(left());
  await failureOf(calls[1] as Promise<unknown>);
  await expect.poll(() => closed).toBe(1);
  expect(fixture.received).toHaveLength(1);
});

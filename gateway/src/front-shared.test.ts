import { once } from "node:events";
import http from "node:http";
import type { ExecutionResult } from "graphql";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FixtureContext, type FrontFixture, type RawRequest, startFront } from "./front.fixture.ts";

interface Run {
  readonly waiting: FixtureContext["waiting"];
  finish(result: ExecutionResult): void;
}

describe.each([false, true])("over connections that are kept: %s", (keepAlive) => {
  let front: FrontFixture;
  let runs: Run[] = [];
  /** Whether operations wait for the test. */
  let held = false;
  /** Whether operations fail before there is a promise of anything. */
  let broken = false;

  beforeAll(async () => {
    front = await startFront({
      keepAlive,
      execute: ({ context }) => {
        if (broken) throw new Error("unforeseen");
        if (!held) return Promise.resolve({ data: { hello: "at once" } });
        const { promise, resolve } = Promise.withResolvers<ExecutionResult>();
        runs.push({ waiting: (context as FixtureContext).waiting, finish: resolve });
        return promise;
      },
    });
  });
  afterAll(() => front.stop());
  // The server waits for what is under way.
  afterEach(() => runs.forEach(({ finish }) => finish(answers)));
  beforeEach(async () => {
    held = false;
    broken = false;
    runs = [];
    await front.ask(query());
    await front.ask(json("mutation { act }"));
    held = true;
  });

  const json = (text: string, headers: http.OutgoingHttpHeaders = {}): RawRequest => ({
    body: JSON.stringify({ query: text }),
    headers,
  });
  const query = (headers: http.OutgoingHttpHeaders = {}) => json("{ hello }", headers);

  const answers = { data: { hello: "in the end" } };

  /** Resolves when something has come about. */
  async function settled(condition: () => boolean): Promise<void> {
    const giveUp = performance.now() + 4_000;
    while (!condition()) {
      if (performance.now() > giveUp) throw new Error("It does not come about.");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** A client that may leave. */
  async function comeAndGo(request: RawRequest) {
    const sent = http.request(`${front.url}/graphql`, {
      method: "POST",
      agent: keepAlive ? new http.Agent({ keepAlive }) : false,
      headers: { "content-type": "application/json", ...request.headers },
    });
    sent.on("error", () => {});
    sent.end(request.body);
    await once(sent, "finish");
    const port = sent.socket?.localPort ?? 0;
    return {
      leave: async () => {
        sent.destroy();
        await settled(() => !front.clientPorts.has(port));
      },
    };
  }

  describe("equal queries under way", () => {
    test("are run once, and each is answered with its own id", async () => {
      const { shared, short } = front.counts;
      const asked = ["a", "b", "c", "d"].map((id) => front.ask(query({ "x-request-id": id })));
      await settled(() => front.counts.shared - shared === 3);
      expect(runs).toHaveLength(1);
      runs[0]!.finish(answers);
      const got = await Promise.all(asked);
      expect(got.map(({ headers }) => headers["x-request-id"])).toEqual(["a", "b", "c", "d"]);
      expect(new Set(got.map(({ body }) => body.toString()))).toEqual(
        new Set([`${JSON.stringify(answers)}\n`]),
      );
      expect(front.counts.short - short).toBe(4);
    });

    test("are run again once the run has ended", async () => {
      for (const _ of [1, 2]) {
        const asked = front.ask(query());
        await settled(() => runs.length > 0);
        runs.shift()!.finish(answers);
        expect((await asked).status).toBe(200);
      }
    });

    test("share errors, too", async () => {
      const { shared } = front.counts;
      const asked = [front.ask(query({ "x-request-id": "a" })), front.ask(query({ "x-request-id": "b" }))];
      await settled(() => front.counts.shared - shared === 1);
      runs[0]!.finish({ data: { hello: null }, errors: [new Error("unforeseen") as never] });
      const [one, other] = await Promise.all(asked);
      expect(runs).toHaveLength(1);
      expect(JSON.parse(one!.body.toString())).toMatchObject({
        data: { hello: null },
        errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }],
      });
      expect(other!.headers["x-request-id"]).toBe("b");
    });
  });

  test("what is thrown at once is told as unforeseen, and the next one is answered", async () => {
    broken = true;
    const failed = await front.ask(query());
    expect(JSON.parse(failed.body.toString())).toMatchObject({
      errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }],
    });
    broken = false;
    held = false;
    expect((await front.ask(query())).status).toBe(200);
  });

  describe("run each for itself:", () => {
    test.each<[string, RawRequest, RawRequest]>([
      ["of another caller", query({ authorization: "one" }), query({ authorization: "other" })],
      ["of somebody who says who they are", query(), query({ authorization: "one" })],
      ["with another header that is passed on", query({ "x-tenant": "a" }), query({ "x-tenant": "b" })],
      ["with a value in another header", query({ authorization: "a" }), query({ "x-tenant": "a" })],
      ["with an empty header for none", query(), query({ "x-tenant": "" })],
      ["with other bytes", query(), { ...query(), body: '{ "query": "{ hello }" }' }],
      ["mutations", json("mutation { act }"), json("mutation { act }")],
    ])("%s", async (_, one, other) => {
      const { shared } = front.counts;
      const asked = [front.ask(one), front.ask(other)];
      await settled(() => runs.length === 2);
      for (const run of runs) run.finish(answers);
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
      expect(front.counts.shared).toBe(shared);
    });
  });

  describe("a client that leaves", () => {
    test("does not end what others wait for", async () => {
      const { shared } = front.counts;
      const first = await comeAndGo(query());
      await settled(() => runs.length === 1);
      const second = front.ask(query());
      await settled(() => front.counts.shared - shared === 1);
      await first.leave();
      expect(runs[0]!.waiting.isOver).toBe(false);
      runs[0]!.finish(answers);
      expect((await second).body.toString()).toContain("in the end");
    });

    test("ends the run where nobody else waits, and is joined by nobody", async () => {
      const first = await comeAndGo(query());
      await settled(() => runs.length === 1);
      await first.leave();
      expect(runs[0]!.waiting.isOver).toBe(true);
      const second = front.ask(query());
      await settled(() => runs.length === 2);
      runs[1]!.finish(answers);
      expect((await second).status).toBe(200);
      runs[0]!.finish(answers);
    });
  });
});

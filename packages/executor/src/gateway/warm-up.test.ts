import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type GatewayConfig, IntrospectAndCompose } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { parse } from "graphql";
import { afterEach, expect, test, vi } from "vitest";
import type { UsedOperation } from "../cache/used-operation.ts";
import { startHttpFixture } from "../transport/subgraph-http.fixture.ts";
import type { Transport } from "../transport/transport.ts";
import { createUndiciTransport } from "../transport/undici-transport.ts";
import { readInternals } from "./apollo-internals.ts";
import { accountsAndReviews, answerFor } from "./supergraph.fixture.ts";
import { TributaryGateway, type TributaryGatewayOptions } from "./tributary-gateway.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const url = "http://subgraph.invalid/";
const OLD = accountsAndReviews(url);
/** Without reviews. */
const NEW = accountsAndReviews(url, { withReviews: false });
const REVIEWS = "{ me { reviews { body } } }";

interface Options extends TributaryGatewayOptions {
  readonly config?: Partial<GatewayConfig>;
  /** Settles when a subgraph may answer. */
  readonly hold?: (body: string) => Promise<void>;
}

/** A gateway behind Apollo Server, with a supergraph manager that updates when it is told to. */
async function start({ config = {}, hold, ...options }: Options = {}) {
  const log: string[] = [];
  const note = (line: string) => void log.push(line);
  const logger = { debug() {}, info: note, warn: note, error: note };
  let update: ((sdl: string) => void) | undefined;
  const transport: Transport = {
    async send({ body }) {
      await hold?.(body);
      const headers = { "content-type": "application/json" };
      return { status: 200, statusText: "OK", headers, body: JSON.stringify(answerFor(body)) };
    },
    close: async () => {},
  };
  const gateway = new TributaryGateway(
    {
      logger,
      supergraphSdl: async (manager) => {
        update = manager.update;
        return { supergraphSdl: OLD };
      },
      ...config,
    },
    { transport, ...options },
  );
  const server = new ApolloServer({ gateway, logger });
  await server.start();
  cleanups.push(() => server.stop());
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const { body } = await server.executeOperation({ query, variables });
    if (body.kind !== "single") throw new Error("Not a single result.");
    return JSON.parse(JSON.stringify(body.singleResult)) as {
      data?: unknown;
      errors?: { message: string }[];
    };
  };
  const swapped = () => gateway.__testing().supergraphSdl;
  return {
    gateway,
    ask,
    log,
    update: (sdl: string) => update?.(sdl),
    swapped,
    stats: () => gateway.programCacheStats!,
  };
}

/** The text of an operation, as one that was sent. */
function used(text: string, more: Partial<UsedOperation> = {}): UsedOperation {
  const queryHash = createHash("sha256").update(text).digest("hex");
  return { queryHash, document: parse(text), operationName: null, uses: 1, conditions: [], ...more };
}

test("what was sent most is planned and compiled before anybody is told of a new supergraph", async () => {
  const { gateway, ask, update, stats, log } = await start({ warmUpOperations: 2 });
  const conditional = "query C($with: Boolean!) { me { id name @include(if: $with) } }";
  for (let count = 0; count < 3; count++) await ask("{ me { name } }");
  for (const value of [true, false]) await ask(conditional, { with: value });
  await ask("{ me { id } }");
  const seen: unknown[] = [];
  const told = Promise.withResolvers<void>();
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    const { warmedUp, programs, generated, hits, misses } = stats();
    seen.push({
      reviews: "reviews" in (apiSchema.getType("User") as never as { getFields(): object }).getFields(),
    });
    seen.push({ warmedUp, programs, generated, hits, misses });
    told.resolve();
  });
  update(NEW);
  await told.promise;
  expect(seen).toEqual([{ reviews: false }, { warmedUp: 2, programs: 3, generated: 3, hits: 0, misses: 0 }]);
  expect((await ask("{ me { name } }")).data).toEqual({ me: { name: "Name of 1" } });
  expect((await ask(conditional, { with: true })).data).toEqual({ me: { id: "1", name: "Name of 1" } });
  expect(stats()).toMatchObject({ hits: 2, misses: 0, plans: 2, compiled: 3 });
  await ask("{ me { id } }");
  expect(stats()).toMatchObject({ hits: 2, misses: 1 });
  expect(log).toContain("Made 2 of 2 operations ready for the new supergraph.");
});

test("requests go on, on the old supergraph, while the new one is made ready", async () => {
  const { gateway, ask, update, swapped } = await start({
    hold: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const queries = Array.from({ length: 20 }, (_, index) => `{ me { a${index}: name } }`);
  for (const query of queries) await ask(query);
  let answered = 0;
  const told = { isOver: false };
  update(NEW);
  gateway.onSchemaLoadOrUpdate(() => void (told.isOver = true));
  while (!told.isOver) {
    expect(swapped()).toBe(OLD);
    expect((await ask(REVIEWS)).errors).toBeUndefined();
    if (!told.isOver) answered++;
  }
  expect(answered).toBeGreaterThan(5);
  expect((await ask(REVIEWS)).errors?.[0]?.message).toContain('Cannot query field "reviews"');
});

test("a request that runs ends on the old supergraph while others are answered by the new one, and then it goes", async () => {
  const held = Promise.withResolvers<void>();
  const asked: string[] = [];
  const { gateway, ask, update, swapped } = await start({
    hold: async (body) => {
      asked.push(body);
      if (asked.length === 1) await held.promise;
    },
  });
  // Apollo Server never lets go of its first schema.
  update(NEW);
  update(OLD);
  const old = new WeakRef(gateway.__testing().queryPlanner!);
  const running = ask("{ me { name reviews { author { name } } } }");
  await expect.poll(() => asked.length).toBe(1);
  update(NEW);
  await expect.poll(swapped).toBe(NEW);
  expect((await ask("{ me { name } }")).data).toEqual({ me: { name: "Name of 1" } });
  expect((await ask(REVIEWS)).errors?.[0]?.message).toContain('Cannot query field "reviews"');
  held.resolve();
  // The rest of the plan, which the new supergraph has no words for, is run too.
  expect(await running).toEqual({
    data: {
      me: {
        name: "Name of 1",
        reviews: ["2", "3", "2"].map((id) => ({ author: { name: `Name of ${id}` } })),
      },
    },
  });
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const isGone = () => {
    collectGarbage();
    return old.deref() === undefined;
  };
  await expect.poll(isGone).toBe(true);
});

test("a request that was validated against the old supergraph runs on it, however late it comes", async () => {
  const { gateway, ask, update, swapped } = await start();
  await ask("{ me { id } }");
  const { schema } = readInternals(gateway);
  update(NEW);
  await expect.poll(swapped).toBe(NEW);
  const request = { request: {}, ...used(REVIEWS), schema, metrics: {}, context: {} };
  const { data } = await gateway.executor(request as never);
  expect(JSON.parse(JSON.stringify(data))).toMatchObject({ me: { reviews: [{}, {}, {}] } });
});

test("what is not valid any more, or cannot be planned, is left out with a note", async () => {
  const { ask, update, log, stats, swapped } = await start();
  for (const query of [`query WithReviews ${REVIEWS}`, "{ me { id } }"]) await ask(query);
  update(NEW);
  await expect.poll(swapped).toBe(NEW);
  expect(log).toContainEqual(
    expect.stringMatching(/^Not ready for the new supergraph: WithReviews: Cannot query field "reviews"/),
  );
  expect(log).toContain("Made 1 of 2 operations ready for the new supergraph.");
  expect(stats()).toMatchObject({ operations: 1, warmedUp: 1 });
});

test("when the time is up, the new supergraph is served as it is", async () => {
  const { ask, update, log, stats, swapped } = await start({ warmUpMilliseconds: 0 });
  await ask("{ me { id } }");
  update(NEW);
  await expect.poll(swapped).toBe(NEW);
  expect(stats().warmedUp).toBe(0);
  expect(log).toContain("Made 0 of 1 operations ready for the new supergraph.");
});

test("no more is made ready than the cache has room for", async () => {
  const { gateway, stats } = await start({ programCacheBytes: 200_000 });
  const many = Array.from({ length: 50 }, (_, index) => used(`{ me { a${index}: name } }`));
  const { ready, left, failures } = await gateway.warmUp(many);
  expect(failures).toEqual([]);
  expect(left).toBeGreaterThan(0);
  expect(ready + left).toBe(50);
  expect(stats().operations).toBeGreaterThan(1);
});

test("without a warm-up, or with nothing to make ready, an update is done when its caller goes on", async () => {
  for (const options of [{ warmUpOperations: 0 }, {}]) {
    const { ask, update, swapped } = await start(options);
    if (options.warmUpOperations === 0) await ask("{ me { id } }");
    update(NEW);
    expect(swapped()).toBe(NEW);
  }
});

test("the newest supergraph wins, a bad one is refused at once, and going back ends what was under way", async () => {
  const didUpdate = vi.fn<() => void>();
  const { gateway, ask, update, swapped, log } = await start({
    config: { experimental_didUpdateSupergraph: didUpdate },
  });
  const announced: string[] = [];
  gateway.onSchemaLoadOrUpdate(({ coreSupergraphSdl }) => void announced.push(coreSupergraphSdl));
  expect(didUpdate).toHaveBeenCalledTimes(1);
  for (let index = 0; index < 5; index++) await ask(`{ me { a${index}: id } }`);
  const newer = accountsAndReviews("http://newer.invalid/");

  update(NEW);
  update(NEW);
  update(newer);
  expect(() => update("type Query { me: Int }")).toThrow(/./);
  await expect.poll(swapped).toBe(newer);
  expect(announced).toEqual([newer]);
  expect(didUpdate).toHaveBeenCalledTimes(2);
  expect(didUpdate).toHaveBeenLastCalledWith(
    expect.objectContaining({ supergraphSdl: newer }),
    expect.objectContaining({ supergraphSdl: OLD }),
  );

  update(NEW);
  update(newer);
  update(OLD);
  await expect.poll(swapped).toBe(OLD);
  expect(announced).toEqual([newer, OLD]);
  expect(log.filter((line) => line.includes("failed"))).toEqual([]);
});

test("a gateway that stops lets go of a supergraph that it makes ready", async () => {
  const { gateway, ask, update } = await start();
  for (let index = 0; index < 5; index++) await ask(`{ me { a${index}: id } }`);
  update(NEW);
  await gateway.stop();
  const { state, supergraphSdl } = gateway.__testing();
  expect({ state, supergraphSdl }).toEqual({ state: { phase: "stopped" }, supergraphSdl: OLD });
});

test("what nobody sends any more fades", async () => {
  const { gateway, ask, update, swapped } = await start();
  for (let count = 0; count < 5; count++) await ask("{ me { id } }");
  const sdls = [NEW, OLD, NEW];
  for (const [index, sdl] of sdls.entries()) {
    update(sdl);
    await expect.poll(swapped).toBe(sdl);
    expect(gateway.usedOperations().map(({ uses }) => uses)).toEqual([[2], [1], [0]][index]);
  }
});

test("operations that are known beforehand are made ready for the first supergraph", async () => {
  const { gateway, ask, stats } = await start();
  const text =
    "query Known($n: Int, $with: Boolean = true) { me { name reviews(first: $n) @include(if: $with) { body } } }";
  const result = await gateway.warmUp([
    used(text, { operationName: "Known" }),
    used("query Needs($with: Boolean!) { me { id @include(if: $with) } }", { operationName: "Needs" }),
    used("{ nonsense }"),
  ]);
  expect(result).toMatchObject({
    ready: 2,
    left: 0,
    failures: [{ reason: expect.stringContaining("nonsense") }],
  });
  expect(stats()).toMatchObject({ operations: 2, programs: 1, warmedUp: 2 });
  await ask(text, { n: 1 });
  expect(stats()).toMatchObject({ hits: 1, misses: 0, compiled: 1 });
});

test("IntrospectAndCompose's updates are made ready, too", async () => {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;
  let fields = "name: String";
  const { url: subgraph, stop } = await startHttpFixture((response, body) => {
    const sdl = `${link} type Query { me: User } type User { id: ID! ${fields} }`;
    const answer = body.includes("_service") ? { data: { _service: { sdl } } } : answerFor(body);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  });
  cleanups.push(stop);
  const transport = createUndiciTransport();
  cleanups.push(transport.close);
  const supergraphSdl = new IntrospectAndCompose({
    subgraphs: [{ name: "accounts", url: subgraph }],
    pollIntervalInMs: 10,
  });
  const { ask, stats } = await start({ config: { supergraphSdl }, transport });
  await ask("{ me { name } }");
  fields = "name: String age: Int";
  await expect.poll(async () => (await ask("{ me { age } }")).errors).toBeUndefined();
  expect(stats().warmedUp).toBeGreaterThanOrEqual(1);
});

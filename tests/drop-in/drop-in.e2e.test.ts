import type { ServerResponse } from "node:http";
import { composeServices } from "@apollo/composition";
import { ApolloGateway, type GatewayConfig, IntrospectAndCompose } from "@apollo/gateway";
import { stringifyResult, stringifyResultToBytes, TributaryGateway } from "@tributary/executor";
import { parse } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { type AppOptions, type RunningApp, startApp, withoutPorts } from "./app.ts";
import { GATEWAYS } from "./gateways.ts";
import { type Library, startLibrary } from "./library.ts";
import { type Got, STEPS, visit } from "./visit.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type ConfigFor = (library: Library) => GatewayConfig;

/** The app twice, with each gateway, each in front of a library of its own. */
async function startBoth(configFor: ConfigFor, { withDataSource }: Pick<AppOptions, "withDataSource">) {
  const start = async (kind: "stock" | "ours") => {
    const library = await startLibrary();
    cleanups.push(() => library.stop());
    const app = await startApp({ Gateway: GATEWAYS[kind], withDataSource, config: configFor(library) });
    cleanups.push(app.stop);
    return { library, app };
  };
  return { stock: await start("stock"), ours: await start("ours") };
}

function composed({ subgraphs }: Library): string {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.join("\n"));
  return supergraphSdl;
}

/** A configuration as `supergraphSdl: async ({ update, healthCheck }) => ...`, and what it was given. */
function createManager() {
  const given: {
    update?: (sdl: string) => void;
    healthCheck?: (sdl: string) => Promise<void>;
    cleaned: boolean;
  } = {
    cleaned: false,
  };
  const configFor: ConfigFor = (library) => ({
    supergraphSdl: async ({ update, healthCheck }) => {
      Object.assign(given, { update, healthCheck });
      await healthCheck(composed(library));
      return {
        supergraphSdl: composed(library),
        cleanup: async () => {
          given.cleaned = true;
        },
      };
    },
  });
  return { given, configFor };
}

const CONFIGURATIONS: readonly (readonly [string, ConfigFor])[] = [
  [
    "IntrospectAndCompose",
    ({ subgraphs }) => ({
      supergraphSdl: new IntrospectAndCompose({
        subgraphs: subgraphs.map(({ name, url }) => ({ name, url })),
        subgraphHealthCheck: true,
      }),
    }),
  ],
  ["a function", (library) => createManager().configFor(library)],
  ["a text", (library) => ({ supergraphSdl: composed(library) })],
];

/** Two apps saw the same: calls may be fewer, and each hook may so be called less often, but none is left out. */
function expectSameSeen(ours: RunningApp, stock: RunningApp): void {
  expect(ours.seen.hooks).toEqual(stock.seen.hooks);
  expect(ours.seen.plans).toEqual(stock.seen.plans);
  expect(ours.seen.schemas).toEqual(stock.seen.schemas);
  expect(ours.seen.dataRead).toEqual(stock.seen.dataRead);
}

const dataOf = (got: ReadonlyMap<string, Got>, step: string) =>
  (got.get(step)?.body as { data?: unknown } | undefined)?.data;

describe.each(CONFIGURATIONS)("with the supergraph from %s", (_name, configFor) => {
  test("and a data source of the app's own, all answers are the same, and all hooks are called", async () => {
    const { stock, ours } = await startBoth(configFor, { withDataSource: true });
    const expected = await visit(stock.app.url);
    const got = await visit(ours.app.url);
    for (const [step, answer] of expected) expect({ step, ...got.get(step) }).toEqual({ step, ...answer });
    expectSameSeen(ours.app, stock.app);
    expect(dataOf(got, "aliases, fragments, variables and conditions")).toMatchObject({
      me: { id: "m1", called: "Dorothea", seniority: "old" },
    });
    expect(got.get("entities of three subgraphs")?.answered).toBe("books,loans,members");
    expect([...ours.app.seen.hooks]).toContain("send loans incoming operation m2");
    const note = 'info Subgraph "books" has a data source of its own; SubgraphDataSource is faster.';
    expect(ours.app.seen.log).toContain(note);
    expect(stock.app.seen.log).not.toContain(note);
  });

  test("and no data source, all answers are the same, also where a plugin changes them", async () => {
    const { stock, ours } = await startBoth(configFor, { withDataSource: false });
    // Often enough for whatever is made for operations that come again.
    for (let round = 0; round < 4; round++) {
      const expected = await visit(stock.app.url);
      const got = await visit(ours.app.url);
      for (const [step, answer] of expected) {
        expect({ round, step, ...got.get(step) }).toEqual({ round, step, ...answer });
      }
      expect(got.get("an answer that all may keep")?.cacheControl).toBe("max-age=60, public");
      expect(got.get("an answer for a shorter time")?.cacheControl).toBe("max-age=20, public");
      expect(got.get("an answer for one alone")?.cacheControl).toBe("max-age=30, private");
      expect(got.get("an answer of two subgraphs")?.cacheControl).toBe("max-age=10, public");
      expect(got.get("an answer that nobody may keep")?.cacheControl).toBe("no-store");
      expect(dataOf(got, "what a plugin removes")).toEqual({ kept: expect.any(Array) as unknown });
      expect(dataOf(got, "what a plugin replaces")).toEqual({ counted: 3 });
    }
    expectSameSeen(ours.app, stock.app);
    expect(ours.app.seen.log.filter((line) => line.includes("data source of its own"))).toEqual([]);
  });
});

/** As an app makes it that writes results by this package's functions. */
class TextGateway extends TributaryGateway {
  constructor(config: GatewayConfig) {
    super(config, { textResults: true });
  }
}

/** As an app makes it that tells when its responses are sent. */
class ReleasingGateway extends TributaryGateway {
  constructor(config: GatewayConfig) {
    super(config, { responseOf: ({ response }: { response: ServerResponse }) => response });
  }
}

test.each<[string, Pick<AppOptions, "Gateway" | "stringifyResult">]>([
  ["text", { Gateway: TextGateway, stringifyResult }],
  ["bytes", { Gateway: TextGateway, stringifyResult: stringifyResultToBytes }],
  [
    "bytes whose memory is used again",
    { Gateway: ReleasingGateway, stringifyResult: stringifyResultToBytes },
  ],
])(
  "a plugin's changes are told also where a result goes past Apollo Server's own serializer as %s",
  async (_, changed) => {
    const library = await startLibrary();
    cleanups.push(() => library.stop());
    const start = async (options: Pick<AppOptions, "Gateway" | "stringifyResult">) => {
      const app = await startApp({
        withDataSource: false,
        config: { supergraphSdl: composed(library) },
        ...options,
      });
      cleanups.push(app.stop);
      return app;
    };
    const [plain, fast] = [await start({ Gateway: GATEWAYS.ours }), await start(changed)];
    const steps = STEPS.filter(({ query }) => query?.includes("mutation") !== true);
    for (let round = 0; round < 4; round++)
      expect(await visit(fast.url, steps)).toEqual(await visit(plain.url, steps));
  },
);

describe.each([true, false])(
  "where something fails, with a data source of the app's own: %s",
  (withDataSource) => {
    test("a subgraph that is down costs its fields, and the health check tells it", async () => {
      const both = await startBoth((library) => ({ supergraphSdl: composed(library) }), { withDataSource });
      const outcome = async ({ app, library }: (typeof both)["ours"]) => {
        const before = (await app.gateway.serviceHealthCheck()).map(({ name, response }) => [
          name,
          response.data,
        ]);
        await library.stop("loans");
        const got = await visit(app.url, [
          {
            name: "down",
            query: "query Down { books { title isLent } me { name loans { id } } loans { id } }",
          },
          {
            name: "mutation",
            query: 'mutation Down { borrow(isbn: "1") { id } rename(name: "x") { name } }',
          },
        ]);
        const after = await app.gateway.serviceHealthCheck().then(
          () => "healthy",
          (error: Error) => error.message,
        );
        return { before, got, after: withoutPorts(after), hooks: app.seen.hooks };
      };
      const stock = await outcome(both.stock);
      expect(await outcome(both.ours)).toEqual(stock);
      expect(JSON.stringify(stock.got.get("down"))).toContain("ECONNREFUSED");
      expect(stock.after).toContain("[loans]");
    });

    test("a supergraph that is none is refused when it starts, and when it is updated", async () => {
      const refusals = async (kind: "stock" | "ours") => {
        const Gateway = GATEWAYS[kind];
        const none = startApp({
          Gateway,
          withDataSource,
          config: { supergraphSdl: "type Query { a: Int }" },
        });
        const atStart = await none.then(
          () => "started",
          (error: Error) => error.message,
        );
        const library = await startLibrary();
        cleanups.push(() => library.stop());
        const { given, configFor } = createManager();
        const app = await startApp({ Gateway, withDataSource, config: configFor(library) });
        cleanups.push(app.stop);
        let atUpdate = "accepted";
        try {
          given.update?.("type Query { a: Int }");
        } catch (error) {
          atUpdate = (error as Error).message;
        }
        const unhealthy = await given
          .healthCheck?.(composed(library).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "http://127.0.0.1:1"))
          .catch((error: Error) => error.message);
        const got = await visit(app.url, [{ name: "still", query: "{ books { title } }" }]);
        return { atStart, atUpdate, unhealthy, got };
      };
      const stock = await refusals("stock");
      expect(await refusals("ours")).toEqual(stock);
      expect(stock.atStart).not.toBe("started");
      expect(stock.atUpdate).not.toBe("accepted");
    });
  },
);

test("a subgraph that knows no such gateway answers 401, and the client is told so", async () => {
  const both = await startBoth((library) => ({ supergraphSdl: composed(library) }), { withDataSource: true });
  const steps = [
    { name: "locked out", reader: "locked out", query: "query Out { books { title } me { id } }" },
  ];
  const stock = await visit(both.stock.app.url, steps);
  expect(await visit(both.ours.app.url, steps)).toEqual(stock);
  expect(JSON.stringify(stock.get("locked out"))).toContain("UNAUTHENTICATED");
  expectSameSeen(both.ours.app, both.stock.app);
});

test("an update of the supergraph is taken over, and told to who listens", async () => {
  const outcome = async (kind: "stock" | "ours") => {
    const [before, after] = [await startLibrary(), await startLibrary({ withFines: true })];
    cleanups.push(
      () => before.stop(),
      () => after.stop(),
    );
    const { given, configFor } = createManager();
    const app = await startApp({ Gateway: GATEWAYS[kind], withDataSource: true, config: configFor(before) });
    const step = { name: "fines", query: "query Fines { loans { id fine } }" };
    const early = await visit(app.url, [step]);
    await given.healthCheck?.(composed(after));
    given.update?.(composed(after));
    await expect.poll(() => app.seen.schemas.length).toBe(2);
    const late = await visit(app.url, [step]);
    const { schemas, plans } = app.seen;
    await app.stop();
    return { early, late, schemas, plans, cleaned: given.cleaned };
  };
  const stock = await outcome("stock");
  expect(await outcome("ours")).toEqual(stock);
  expect(stock.schemas).toEqual(["true false", "true true"]);
  expect(dataOf(stock.late, "fines")).toMatchObject({ loans: [{ fine: 12 }, { fine: 0 }, { fine: 0 }] });
  expect(stock.cleaned).toBe(true);
});

test.each(["stock", "ours"] as const)(
  "%s is made without a configuration, as for Apollo's registry",
  (kind) => {
    expect(new GATEWAYS[kind]()).toBeInstanceOf(ApolloGateway);
  },
);

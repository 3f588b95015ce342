import { ApolloServer } from "@apollo/server";
import { afterEach, describe, expect, test } from "vitest";
import { accountsAndReviews, answerFor } from "../gateway/supergraph.fixture.ts";
import { TributaryGateway } from "../gateway/tributary-gateway.ts";
import { startHttpFixture } from "../transport/subgraph-http.fixture.ts";
import type { Transport } from "../transport/transport.ts";
import { createHttpTransport } from "../transport/http-transport.ts";
import { SubgraphDataSource, type SubgraphDataSourceOptions } from "./subgraph-data-source.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Hooks = Pick<SubgraphDataSourceOptions, "headers" | "signal">;
interface Broken extends Hooks {
  readonly transport?: (own: Transport) => Transport;
}

/** A gateway whose calls of the subgraph of reviews have other hooks, and a way to ask it. */
async function start(
  { transport: wrap, ...hooks }: Broken,
  options: Partial<SubgraphDataSourceOptions> = {},
) {
  const fixture = await startHttpFixture((response, body) => {
    response.writeHead(200, { "content-type": "application/json" });
    const { query } = JSON.parse(body) as { query: string };
    const user = (name: string) => ({ __typename: "User", id: "1", name });
    const own = query.startsWith("mutation")
      ? { data: { rename: user("New") } }
      : { data: { me: user("Name of 1") } };
    response.end(JSON.stringify(query.includes("_entities") ? answerFor(body) : own));
  });
  cleanups.push(fixture.stop);
  const own = createHttpTransport();
  cleanups.push(() => own.close());
  const gateway = new TributaryGateway({
    supergraphSdl: accountsAndReviews(fixture.url),
    logger,
    buildService: ({ name, url = "" }) =>
      name === "reviews"
        ? new SubgraphDataSource({ url, transport: wrap?.(own) ?? own, ...options, ...hooks })
        : new SubgraphDataSource({ url, transport: own }),
  });
  const server = new ApolloServer({ gateway, logger });
  await server.start();
  cleanups.push(() => server.stop());
  const ask = async (query: string) => {
    const { body, http } = await server.executeOperation({ query }, { contextValue: {} });
    if (body.kind !== "single") throw new Error("Not a single result.");
    const { data, errors } = JSON.parse(JSON.stringify(body.singleResult)) as {
      data?: unknown;
      errors?: { message: string }[];
    };
    return { status: http.status, data, messages: errors?.map(({ message }) => message) };
  };
  return { ask, fixture };
}

const never = () => {
  throw new Error("The hook is broken.");
};

const BROKEN: Readonly<Record<string, readonly [message: string, hooks: Broken]>> = {
  "headers that throw": ["The hook is broken.", { headers: never }],
  "headers that throw undefined": [
    "Unexpected error value: undefined",
    {
      headers: () => {
        // oxlint-disable-next-line only-throw-error -- as somebody's code may
        throw undefined;
      },
    },
  ],
  "headers that are a promise": ["are a promise", { headers: (async () => ({})) as never }],
  "a header that is a number": ['The header "x-count" for', { headers: () => ({ "x-count": 7 }) as never }],
  "a header that cannot be sent": [
    'the value of header "x-user" cannot be sent',
    { headers: () => ({ "x-user": "two\nlines" }) },
  ],
  "a signal that throws": ["The hook is broken.", { signal: never }],
  "a signal that is none": ["is no AbortSignal", { signal: () => 7 as never }],
  "a transport whose send throws": [
    "The hook is broken.",
    { transport: ({ close }) => ({ send: never, close }) },
  ],
  "a transport whose dispatch throws": [
    "The hook is broken.",
    { transport: ({ close }) => ({ send: never, close, dispatch: never }) },
  ],
};

describe.each(Object.entries(BROKEN))("%s", (_name, [message, hooks]) => {
  test.each([{ batch: false }, { batch: true }])(
    "costs the fetch and no more, however often: %j",
    async (options) => {
      const { ask } = await start(hooks, options);
      for (let run = 0; run < 4; run++) {
        const { data, messages } = await ask("{ me { name reviews { body } } }");
        expect({ run, data }).toEqual({ run, data: { me: null } });
        expect(messages).toEqual([expect.stringContaining(message) as string]);
      }
      const other = await ask("{ me { name } }");
      expect(other).toMatchObject({ data: { me: { name: "Name of 1" } }, messages: undefined });
    },
  );

  test("does not undo a mutation that has run, nor run it again", async () => {
    const { ask, fixture } = await start(hooks);
    for (let run = 1; run <= 4; run++) {
      const { data, messages } = await ask("mutation { rename { name age } }");
      expect({ run, data }).toEqual({ run, data: { rename: { name: "New", age: null } } });
      expect(messages).toEqual([expect.stringContaining(message) as string]);
      expect(fixture.received).toHaveLength(run);
    }
  });
});

test("a header or a signal that is undefined is not sent, in either engine", async () => {
  const { ask, fixture } = await start({
    headers: () => ({ authorization: undefined, "x-own": "here" }),
    signal: () => undefined,
  });
  for (let run = 0; run < 3; run++) {
    expect(await ask("{ me { reviews { body } } }")).toMatchObject({ messages: undefined });
  }
  const sent = fixture.received.filter(({ body }) => body.includes("representations"));
  expect(sent).toHaveLength(3);
  for (const { headers } of sent) {
    expect(headers).toMatchObject({ "x-own": "here" });
    expect(headers).not.toHaveProperty("authorization");
  }
});

test("headers that are undefined as a whole are none", async () => {
  const { ask } = await start({ headers: () => undefined });
  for (let run = 0; run < 3; run++)
    expect(await ask("{ me { reviews { body } } }")).toMatchObject({ messages: undefined });
});

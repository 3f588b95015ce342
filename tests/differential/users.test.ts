import { RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import {
  createUndiciTransport,
  SubgraphDataSource,
  type SubgraphDataSourceOptions,
  TributaryGateway,
  type TributaryGatewayOptions,
} from "@tributary/executor";
import type { GatewayConfig } from "@apollo/gateway";
import { afterEach, expect, test } from "vitest";
import { composeSubgraphs } from "./supergraph.ts";
import { startUserSubgraphs, type UserSubgraphs } from "./users.ts";

interface Context {
  readonly token: string;
}
type Ask = (query: string, token: string) => Promise<unknown>;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const logger = { debug() {}, info() {}, warn() {}, error() {} };
// The same entities in several places, so that there is something to be shared; and the same texts for all users.
const QUERY = `{ me { id name note friend { name note friend { note greeting } } } all { id note greeting name } }`;
const MUTATION = `mutation { a: rename(n: 1) { name note greeting } b: rename(n: 2) { name note friend { name } } }`;

/** A gateway in front of the subgraphs, with a way of its own to them. */
async function serve(
  { subgraphs, urls }: UserSubgraphs,
  buildService: NonNullable<GatewayConfig["buildService"]>,
  options: TributaryGatewayOptions & { readonly telemetry?: object } = {},
): Promise<Ask> {
  const { telemetry, ...own } = options;
  const gateway = new TributaryGateway(
    {
      supergraphSdl: composeSubgraphs(subgraphs).sdl,
      logger,
      buildService: (definition) => buildService({ ...definition, url: urls[definition.name] ?? "" }),
      ...(telemetry === undefined ? {} : { telemetry }),
    },
    own,
  );
  const server = new ApolloServer<Context>({ gateway, logger });
  await server.start();
  cleanups.push(() => server.stop());
  return async (query, token) => {
    const { body } = await server.executeOperation({ query }, { contextValue: { token } });
    if (body.kind !== "single") throw new Error("Not a single result.");
    expect(body.singleResult.errors).toBeUndefined();
    return JSON.parse(JSON.stringify(body.singleResult.data)) as unknown;
  };
}

test("400 interleaved requests of different users get their own answers, by every way to subgraphs", async () => {
  const users = await startUserSubgraphs();
  cleanups.push(users.stop);
  const transport = createUndiciTransport();
  cleanups.push(transport.close);
  const own =
    (options: Partial<SubgraphDataSourceOptions> = {}): NonNullable<GatewayConfig["buildService"]> =>
    ({ url }) =>
      new SubgraphDataSource({
        url: url ?? "",
        transport,
        headers: ({ context }) => ({ authorization: (context as unknown as Context).token }),
        ...options,
      });
  const stock: NonNullable<GatewayConfig["buildService"]> = ({ url }) =>
    new RemoteGraphQLDataSource<Context>({
      url: url ?? "",
      willSendRequest: ({ request, context }) => request.http?.headers.set("authorization", context.token),
    });
  const ways: readonly Ask[] = [
    await serve(users, own(), { fastAfterRuns: 0 }),
    await serve(users, own(), { fastAfterRuns: Infinity }),
    await serve(users, own({ batch: true }), { fastAfterRuns: 0 }),
    await serve(users, own({ collapse: false }), { fastAfterRuns: 1 }),
    await serve(users, stock),
    // Spans as configured are stock's to make.
    await serve(users, stock, { telemetry: { includeDocument: true } }),
  ];

  const requests = Array.from({ length: 400 }, (_, index) => ({
    ask: ways[index % ways.length] as Ask,
    // Two requests of each user by each way at one time.
    token: `user-${Math.floor(index / (2 * ways.length))}-${index % ways.length}`,
    query: index % 5 === 0 ? MUTATION : QUERY,
  }));
  const answers = await Promise.all(
    requests.map(async ({ ask, token, query }) => ({ token, query, data: await ask(query, token) })),
  );

  const said = (data: unknown) => JSON.stringify(data).replaceAll(/user-\d+-\d+/g, "user");
  const expected = new Map(
    [QUERY, MUTATION].map((query) => [query, said(answers.find((each) => each.query === query)?.data)]),
  );
  for (const { token, query, data } of answers) {
    expect([...new Set(JSON.stringify(data).match(/user-\d+-\d+/g))]).toEqual([token]);
    expect(said(data)).toBe(expected.get(query));
  }
  const mutations = requests.filter(({ query }) => query === MUTATION);
  for (const { token } of requests) {
    const own_ = mutations.filter((each) => each.token === token).length;
    expect(users.mutations.get(token) ?? 0).toBe(own_ * 2);
  }
});

test("two requests of one user at one time share calls, and of two users do not", async () => {
  const users = await startUserSubgraphs();
  cleanups.push(users.stop);
  const transport = createUndiciTransport();
  cleanups.push(transport.close);
  const ask = await serve(
    users,
    ({ url }) =>
      new SubgraphDataSource({
        url: url ?? "",
        transport,
        headers: ({ context }) => ({ authorization: (context as unknown as Context).token }),
      }),
    { fastAfterRuns: 0 },
  );
  const operationsOf = async (...tokens: string[]) => {
    const before = users.operations();
    await Promise.all(tokens.map((token) => ask(QUERY, token)));
    return users.operations() - before;
  };
  const alone = await operationsOf("one");
  expect(await operationsOf("one", "one", "one")).toBeLessThan(alone * 3);
  expect(await operationsOf("one", "two", "three")).toBe(alone * 3);
});

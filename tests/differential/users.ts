import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { execute, parse } from "graphql";
import { LINK, type SubgraphText } from "./supergraph.ts";

/** Subgraphs that tell in every field who asked, by the `authorization` header. */
export interface UserSubgraphs {
  /** The address of each. */
  readonly urls: Readonly<Record<string, string>>;
  readonly subgraphs: readonly SubgraphText[];
  /** How often mutations were run, by the token of who asked. */
  readonly mutations: ReadonlyMap<string, number>;
  /** How many operations were run. */
  readonly operations: () => number;
  stop(): Promise<void>;
}

const SUBGRAPHS: readonly SubgraphText[] = [
  {
    name: "accounts",
    sdl: `type Query { me: User! all: [User!]! } type Mutation { rename(n: Int!): User! }
          type User @key(fields: "id") { id: ID! name: String! }`,
  },
  {
    name: "notes",
    sdl: `type User @key(fields: "id") {
            id: ID! note: String! friend: User! name: String! @external
            greeting: String! @requires(fields: "name")
          }`,
  },
];

interface Context {
  readonly token: string;
}

/** Starts both, on free ports. Answers come in an order of their own, and calls may be lists of operations. */
export async function startUserSubgraphs(): Promise<UserSubgraphs> {
  const mutations = new Map<string, number>();
  let operations = 0;
  const told =
    (what: string) =>
    (user: { id: string; name?: string }, _args: unknown, { token }: Context) =>
      `${what} of ${user.id} for ${token}, ${user.name ?? ""}`;
  const users = (...ids: string[]) => ids.map((id) => ({ id }));
  const resolvers = {
    accounts: {
      Query: { me: () => ({ id: "1" }), all: () => users("1", "2", "3", "1") },
      Mutation: {
        rename(_: unknown, { n }: { n: number }, { token }: Context) {
          mutations.set(token, (mutations.get(token) ?? 0) + 1);
          return { id: String(n) };
        },
      },
      User: { name: told("name") },
    },
    notes: {
      User: { note: told("note"), greeting: told("greeting"), friend: () => ({ id: "2" }) },
    },
  };
  const servers = SUBGRAPHS.map(({ name, sdl }) => {
    const schema = buildSubgraphSchema([
      { typeDefs: parse(LINK + sdl), resolvers: resolvers[name as keyof typeof resolvers] },
    ]);
    const answer = async ({ query, variables }: { query: string; variables?: object }, token: string) => {
      operations++;
      return execute({
        schema,
        document: parse(query),
        variableValues: { ...variables },
        contextValue: { token },
      });
    };
    const respond = async (request: IncomingMessage, response: ServerResponse) => {
      const body = (await json(request)) as { query: string } | { query: string }[];
      const token = request.headers.authorization ?? "nobody";
      const answers = await Promise.all([body].flat().map((each) => answer(each, token)));
      // Another time for each, so that they cross.
      for (let turn = Math.floor(Math.random() * 20); turn > 0; turn--) await setImmediate();
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
    };
    return createServer((request, response) => void respond(request, response));
  });
  const addresses = await Promise.all(
    servers.map(
      (server) =>
        new Promise<string>((ready) =>
          server.listen(0, "127.0.0.1", () =>
            ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
          ),
        ),
    ),
  );
  return {
    urls: Object.fromEntries(SUBGRAPHS.map(({ name }, index) => [name, addresses[index] ?? ""])),
    subgraphs: SUBGRAPHS,
    mutations,
    operations: () => operations,
    stop: async () => {
      await Promise.all(
        servers.map((server) => new Promise((stopped) => server.close(stopped).closeAllConnections())),
      );
    },
  };
}

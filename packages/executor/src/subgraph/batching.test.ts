import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { TributaryGateway } from "../gateway/tributary-gateway.ts";
import { createHttpTransport } from "../transport/http-transport.ts";
import { startHttpFixture } from "../transport/subgraph-http.fixture.ts";
import { cleanUp } from "../transport/transports.fixture.ts";
import { SubgraphDataSource, type SubgraphDataSourceOptions } from "./subgraph-data-source.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;
const SUBGRAPHS = {
  teams: `${LINK} type Query { lead: Person crew: Crew } type Mutation { lead: Person }
    type Crew { boss: Person members: [Person!]! } type Person @key(fields: "id") { id: ID! }`,
  people: `${LINK} type Mutation { rename: Person } type Person @key(fields: "id") { id: ID! name: String age: Int }`,
};

interface Body {
  readonly query: string;
  readonly variables?: { readonly representations?: readonly { readonly id: string }[] };
}

function answer({ variables }: Body): object {
  const person = (id: string) => ({ __typename: "Person", id, name: `Name of ${id}`, age: 40 });
  if (variables?.representations)
    return { data: { _entities: variables.representations.map(({ id }) => person(id)) } };
  return {
    data: {
      lead: person("1"),
      rename: person("4"),
      crew: { boss: person("2"), members: [person("1"), person("3")] },
    },
  };
}

/** A gateway before two subgraphs, one URL each; `people` may take no lists. */
async function start(takesLists: boolean, options: Partial<SubgraphDataSourceOptions> = { batch: true }) {
  const warnings: string[] = [];
  const fixture = await startHttpFixture((response, text) => {
    const body = JSON.parse(text) as Body | Body[];
    response.setHeader("content-type", "application/json");
    if (!Array.isArray(body)) return response.end(JSON.stringify(answer(body)));
    if (takesLists) return response.end(JSON.stringify(body.map(answer), null, 1));
    return response.writeHead(400).end('{"errors":[{"message":"Operation batching disabled."}]}');
  });
  cleanUp(fixture.stop);
  const transport = createHttpTransport();
  cleanUp(transport.close);
  const { supergraphSdl } = composeServices(
    Object.entries(SUBGRAPHS).map(([name, sdl]) => ({
      name,
      url: `${fixture.url}/${name}`,
      typeDefs: parse(sdl),
    })),
  );
  const logger = { debug() {}, info() {}, warn: (text: string) => warnings.push(text), error() {} };
  const server = new ApolloServer({
    logger,
    gateway: new TributaryGateway({
      supergraphSdl: supergraphSdl ?? "",
      logger,
      buildService: ({ url = "" }) => new SubgraphDataSource({ url, transport, ...options }),
    }),
  });
  await server.start();
  cleanUp(() => server.stop());
  const ask = async (query: string) => {
    const { body } = await server.executeOperation({ query });
    if (body.kind !== "single") throw new Error("Not a single result.");
    return JSON.parse(JSON.stringify(body.singleResult)) as object;
  };
  return { ask, fixture, warnings };
}

const QUERY = "{ lead { name } crew { boss { name age } members { age } } }";
const DATA = {
  lead: { name: "Name of 1" },
  crew: { boss: { name: "Name of 2", age: 40 }, members: [{ age: 40 }, { age: 40 }] },
};

test("fetches for the same subgraph that are ready at the same moment go as one HTTP call", async () => {
  const { ask, fixture } = await start(true);
  // By both engines.
  for (let round = 1; round <= 4; round++) {
    expect(await ask(QUERY)).toEqual({ data: DATA });
    expect(fixture.received).toHaveLength(round * 2);
  }
  expect(JSON.parse(fixture.received.at(-1)?.body ?? "")).toHaveLength(3);
});

test("as many calls as fetches where it is not asked for", async () => {
  const { ask, fixture } = await start(true, {});
  expect(await ask(QUERY)).toEqual({ data: DATA });
  expect(fixture.received).toHaveLength(4);
});

test("a subgraph that takes no lists is found out once, and the log says so", async () => {
  const { ask, fixture, warnings } = await start(false);
  expect(await ask(QUERY)).toEqual({ data: DATA });
  expect(fixture.received).toHaveLength(5);
  expect(await ask(QUERY)).toEqual({ data: DATA });
  expect(fixture.received).toHaveLength(9);
  expect(warnings).toEqual([
    `The subgraph at ${fixture.url}/people takes no lists of queries. They are sent to it one by one.`,
  ]);
});

test("mutations are never in a list, and never shared by those who ask for the same", async () => {
  const { ask, fixture } = await start(true);
  const mutation = "mutation { lead { name } rename { name } }";
  await Promise.all([ask(mutation), ask(mutation), ask(mutation)]);
  const sent = fixture.received.map(({ body }) => JSON.parse(body) as Body | Body[]);
  const mutations = sent.flat().filter(({ query }) => query.startsWith("mutation"));
  expect(mutations).toHaveLength(6);
  for (const each of mutations) expect(sent).toContain(each);
});

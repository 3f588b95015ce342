import { composeServices } from "@apollo/composition";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createHttpTransport, SubgraphDataSource, TributaryGateway } from "@tributary/executor";
import { parse } from "graphql";
import { COMPANIONS, startCompanion } from "./companions.ts";
import { startProducts } from "./products.ts";
import { schemaText } from "./schema-text.ts";

/** A call that a gateway made. */
export interface SentCall {
  readonly subgraph: string;
  readonly query: string;
  readonly representations: readonly object[];
}

export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
  readonly extensions?: unknown;
}

export type Ask = (query: string, variables?: object) => Promise<Answer>;

export interface RunningSupergraph {
  readonly sdl: string;
  /** Asks our gateway, over HTTP; tells which calls it made. */
  ask(
    query: string,
    variables?: object,
  ): Promise<{ readonly answer: Answer; readonly calls: readonly SentCall[] }>;
  /** Asks Apollo Gateway, over HTTP. */
  readonly askStock: Ask;
  /** Asks the subgraph itself, over HTTP. */
  askProducts(query: string, variables?: object, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  stop(): Promise<void>;
}

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Starts `products`, the subgraphs around it, and two gateways in front of them. */
export async function startSupergraph(): Promise<RunningSupergraph> {
  const products = await startProducts();
  const companions = await Promise.all(COMPANIONS.map(startCompanion));
  const { authorization } = products;
  const urls = new Map([["products", `${products.url}/graphql`]]);
  COMPANIONS.forEach((name, index) => urls.set(name, companions[index]?.url ?? ""));

  const { supergraphSdl, errors } = composeServices(
    [...urls].map(([name, url]) => ({ name, url, typeDefs: parse(schemaText(name)) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.join("\n"));

  const calls: SentCall[] = [];
  const transport = createHttpTransport();
  const ours = await serve(
    new TributaryGateway({
      supergraphSdl,
      logger,
      buildService: ({ name, url = "" }) =>
        new SubgraphDataSource({
          url,
          headers: () => ({ authorization }),
          transport: {
            ...transport,
            send: (request) => {
              calls.push(readCall(name, request.body));
              return transport.send(request);
            },
          },
        }),
    }),
  );
  const stock = await serve(
    new ApolloGateway({
      supergraphSdl,
      logger,
      buildService: ({ url = "" }) =>
        new RemoteGraphQLDataSource({
          url,
          willSendRequest: ({ request }) => request.http?.headers.set("authorization", authorization),
        }),
    }),
  );

  return {
    sdl: supergraphSdl,
    ask: async (query, variables) => {
      calls.length = 0;
      const answer = await post(ours.url, { query, variables });
      return { answer, calls: [...calls] };
    },
    askStock: (query, variables) => post(stock.url, { query, variables }),
    askProducts: (query, variables, headers = {}) =>
      post(`${products.url}/graphql`, { query, variables }, { authorization, ...headers }),
    stop: async () => {
      await Promise.all([ours.stop(), stock.stop()]);
      await Promise.all([transport.close(), products.stop(), ...companions.map((each) => each.stop())]);
    },
  };
}

async function serve(gateway: ApolloGateway) {
  const server = new ApolloServer({ gateway, logger, stopOnTerminationSignals: false });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" } });
  return { url, stop: () => server.stop() };
}

async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Answer;
}

function readCall(subgraph: string, body: string): SentCall {
  const { query, variables } = JSON.parse(body) as {
    query: string;
    variables?: { representations?: object[] };
  };
  return { subgraph, query, representations: variables?.representations ?? [] };
}

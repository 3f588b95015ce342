import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { SubgraphDataSource, type Transport, TributaryGateway } from "@tributary/executor";
import { type GraphQLError, type GraphQLSchema, parse } from "graphql";
import type { Faults, WireAnswer } from "./faults.ts";
import { hash } from "./random.ts";
import { type GraphQLBody, type SimulatedSubgraph, simulateSubgraph } from "./simulated-subgraph.ts";
import type { GeneratedOperation } from "./operations.ts";
import type { GeneratedSupergraph } from "./supergraph.ts";

/** What a gateway answered; or what it threw, in place of an answer. */
export interface Outcome {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: { readonly valueCompletion?: readonly GraphQLError[] };
  readonly thrown?: Error;
  /** Calls that reached subgraphs, in order. */
  readonly calls: readonly { readonly subgraph: string; readonly body: GraphQLBody }[];
}

/** Stock and ours in front of the same simulated subgraphs. */
export interface GatewayPair {
  readonly schema: GraphQLSchema;
  run(operation: GeneratedOperation, faults: Faults): Promise<{ stock: Outcome; ours: Outcome }>;
  stop(): Promise<void>;
}

type Executor = ApolloGateway["executor"];
type Deliver = (subgraph: string, body: string) => WireAnswer;

const logger = { debug() {}, info() {}, warn() {}, error() {} };

export async function createGatewayPair(supergraph: GeneratedSupergraph): Promise<GatewayPair> {
  const subgraphs = new Map(supergraph.subgraphs.map((each) => [each.name, simulateSubgraph(each)]));
  let deliver: Deliver = () => {
    throw new Error("No case is running.");
  };
  const stock = new ApolloGateway({
    supergraphSdl: supergraph.sdl,
    logger,
    buildService: ({ name, url }) =>
      new RemoteGraphQLDataSource({
        url: url ?? "",
        fetcher: async (_url, init) => fetchResponse(url ?? "", deliver(name, String(init?.body))),
      }),
  });
  const ours = new TributaryGateway({
    supergraphSdl: supergraph.sdl,
    logger,
    buildService: ({ name, url }) => {
      const transport: Transport = {
        send: async ({ body }) => deliver(name, body),
        close: async () => {},
      };
      return new SubgraphDataSource({ url: url ?? "", transport });
    },
  });
  const { schema } = await stock.load();
  const { schema: ourSchema } = await ours.load();

  const run = async (
    gateway: { executor: Executor },
    on: GraphQLSchema,
    { operation, faults }: Case,
  ): Promise<Outcome> => {
    const calls: { subgraph: string; body: GraphQLBody }[] = [];
    deliver = (name, text) => {
      const body = JSON.parse(text) as GraphQLBody;
      calls.push({ subgraph: name, body });
      return answer(subgraphs.get(name) as SimulatedSubgraph, { name, body, faults });
    };
    try {
      const result = await gateway.executor(requestContext(operation, on));
      return { ...(result as Outcome), calls };
    } catch (error) {
      return { thrown: error as Error, calls };
    }
  };

  return {
    schema,
    run: async (operation, faults) => ({
      stock: await run(stock, schema, { operation, faults }),
      ours: await run(ours, ourSchema, { operation, faults }),
    }),
    stop: async () => {
      await Promise.all([stock.stop(), ours.stop()]);
    },
  };
}

interface Case {
  readonly operation: GeneratedOperation;
  readonly faults: Faults;
}

interface Call {
  readonly name: string;
  readonly body: GraphQLBody;
  readonly faults: Faults;
}

function answer(subgraph: SimulatedSubgraph, { name, body, faults }: Call): WireAnswer {
  const representations = body.variables?.representations as readonly unknown[] | undefined;
  return faults.answer({ subgraph: name, representations }, subgraph.answer(body, faults));
}

function fetchResponse(url: string, { status, statusText, headers, body }: WireAnswer) {
  return {
    url,
    status,
    statusText,
    ok: status >= 200 && status < 300,
    headers: new Headers(headers),
    bodyUsed: false,
    text: async () => body,
    json: async () => {
      try {
        return JSON.parse(body) as unknown;
      } catch (error) {
        // As make-fetch-happen's bodies say it.
        throw new Error(`invalid json response body at ${url} reason: ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
  } as never;
}

function requestContext(operation: GeneratedOperation, schema: GraphQLSchema): Parameters<Executor>[0] {
  const { query, variables, operationName } = operation;
  const document = parse(query);
  return {
    request: {
      query,
      variables: { ...variables },
      ...(operationName === undefined ? {} : { operationName }),
    },
    document,
    source: query,
    queryHash: `${hash(query)} ${query.length}`,
    operationName: operationName ?? null,
    operation: document.definitions[0],
    schema,
    logger,
    context: {},
    metrics: {},
    cache: undefined,
  } as never;
}

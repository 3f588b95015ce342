import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate } from "node:timers/promises";
import { ApolloGateway, type GraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import type { QueryPlan } from "@apollo/query-planner";
import { SubgraphDataSource, type Transport, TributaryGateway } from "@tributary/executor";
import { type GraphQLSchema, parse } from "graphql";
import type { WireAnswer } from "./broken-calls.ts";
import { createCorrectedStock, type Resolved } from "./corrected-gateway.ts";
import type { Call, Case, Executor, Outcome } from "./outcome.ts";
import { boundPlanning, countExceeded, PlanBoundError } from "./plan-bound.ts";
import { hash } from "./random.ts";
import { type SimulatedSubgraph, simulateSubgraph } from "./simulated-subgraph.ts";
import type { Complaint, GraphQLBody } from "./subgraph-types.ts";
import type { Supergraph } from "./supergraph.ts";
import { World } from "./world.ts";

/** Stock, and both engines of ours, in front of the same simulated subgraphs. */
export interface Gateways {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly world: World;
  stock(each: Case): Promise<Outcome>;
  /** Ours, by the reference engine. */
  ours(each: Case): Promise<Outcome>;
  /** Ours, by the fast engine where it can. */
  fast(each: Case): Promise<Outcome>;
  /** Stock without its known faults, for the case that ours had last; see corrected-stock.ts. */
  corrected(each: OrderedCase): Promise<Outcome>;
  /** Calls of ours that came when the operation's answer was given. */
  readonly late: readonly string[];
  stop(): Promise<void>;
}

type Deliver = (subgraph: string, body: string) => WireAnswer;

export interface OrderedCase extends Case {
  /** Of subgraphs' answers to calls that are under way together: that of the first named, or of the first call, comes first. */
  readonly order?: readonly string[] | "calls";
  /** How many turns of the microtask queue one comes after the other. @default a turn of the event loop */
  readonly ticks?: number;
}

/** An operation that is run. */
interface Running {
  readonly deliver: Deliver;
  /** Waits until it is a subgraph's turn to answer. */
  readonly turn: (subgraph: string, body?: string) => Promise<void> | undefined;
}

/** How many turns of the event loop an answer takes, less one. */
const MOST_TURNS = 8;

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Starts the gateways.
 *
 * @param sharePlans lets what plans first plan for all: the planner is the same, and costs more than all the rest.
 * @returns gateways that throw a PlanBoundError for an operation whose plan takes too long
 */
export async function startGateways(supergraph: Supergraph, { sharePlans = false } = {}): Promise<Gateways> {
  boundPlanning();
  // Whose call it is: gateways may go on calling when the answer is given, and the next operation under way.
  const running = new AsyncLocalStorage<Running>();
  const own = (): Running => {
    const found = running.getStore();
    if (found === undefined) throw new Error("No operation is running.");
    return found;
  };
  // Few of many equal plans are looked at: it is not about the best one. Some operations have too many to be planned.
  const queryPlannerConfig = {
    ...(sharePlans ? { cache: createPlanStore() } : {}),
    debug: { maxEvaluatedPlans: 20, pathsLimit: 100 },
  };
  const buildStock = ({ name, url }: { name: string; url?: string }): GraphQLDataSource =>
    new RemoteGraphQLDataSource({
      url: url ?? "",
      fetcher: async (_url, init) => {
        const { deliver, turn } = own();
        try {
          return fetchResponse(url ?? "", deliver(name, String(init?.body)));
        } finally {
          // Failures wait as well.
          await turn(name);
        }
      },
    });
  const stock = new ApolloGateway({
    supergraphSdl: supergraph.sdl,
    logger,
    buildService: buildStock,
    queryPlannerConfig,
  });
  const buildOurs = ({ name, url }: { name: string; url?: string }): GraphQLDataSource => {
    const transport: Transport = {
      send: async ({ body }) => {
        const { deliver, turn } = own();
        const response = deliver(name, body);
        await turn(name, body);
        const bytes = Buffer.from(response.body);
        // What was released is written over, as by another answer.
        return { ...response, bytes, release: () => void bytes.fill("!") };
      },
      close: async () => {},
    };
    return new SubgraphDataSource({ url: url ?? "", transport });
  };
  const config = { supergraphSdl: supergraph.sdl, logger, queryPlannerConfig, buildService: buildOurs };
  let resolved: Resolved | undefined;
  const noting = { ...config, experimental_didResolveQueryPlan: (plan: Resolved) => void (resolved = plan) };
  // A thread makes the same plans, and would load each of very many supergraphs once more.
  const planning = { inThread: false, maxSelections: Infinity };
  const ours = new TributaryGateway(noting, { fastAfterRuns: Infinity, warmUpOperations: 0, planning });
  const fast = new TributaryGateway(config, {
    fastAfterRuns: 0,
    textResults: true,
    warmUpOperations: 0,
    planning,
  });
  const { schema } = await stock.load();
  const { schema: ourSchema } = await ours.load();
  const { schema: fastSchema } = await fast.load();
  const world = new World(supergraph.subgraphs, schema);
  const subgraphs = new Map(supergraph.subgraphs.map((each) => [each.name, simulateSubgraph(each, world)]));

  const late: string[] = [];
  const run = async (executor: Executor, on: GraphQLSchema, each: OrderedCase): Promise<Outcome> => {
    const calls: Call[] = [];
    const state = {
      log: [],
      faults: each.faults,
      complaints: [] as Complaint[],
      features: new Set<string>(),
    };
    let isAnswered = false;
    const before = countExceeded();
    const deliver: Deliver = (name, text) => {
      if (isAnswered && executor !== stock.executor) late.push(`${name} ${text}`);
      const body = JSON.parse(text) as GraphQLBody;
      calls.push({ subgraph: name, body });
      const representations = body.variables?.representations as readonly unknown[] | undefined;
      const result = (subgraphs.get(name) as SimulatedSubgraph).answer(body, state);
      return each.faults.answer({ subgraph: name, body: text, representations }, result);
    };
    const { complaints, features } = state;
    const outcomeOf = (result: object): Outcome => {
      if (countExceeded() > before) throw new PlanBoundError("A plan takes too long.");
      return { ...result, calls, complaints, features };
    };
    const { order, ticks } = each;
    const isSound = each.faults.names.length === 0;
    let answered = 0;
    const positionOf = (name: string) => (order === "calls" ? answered++ : (order?.indexOf(name) ?? 0));
    const inOrder = order && ((name: string) => turns(positionOf(name), ticks));
    // Where nothing goes wrong, it must not matter which of several answers comes first.
    const atRandom = (name: string, body = "") => turns(hash(`${name} ${body}`) % MOST_TURNS);
    const turn = inOrder ?? (isSound && executor !== stock.executor ? atRandom : () => undefined);
    try {
      const result = await running.run({ deliver, turn }, () => executor(requestContext(each, on)));
      return outcomeOf(result as object);
    } catch (error) {
      return outcomeOf({ thrown: error as Error });
    } finally {
      isAnswered = true;
    }
  };
  let corrected: Executor | undefined;
  return {
    schema,
    world,
    stock: (each) => run(stock.executor, schema, each),
    ours: (each) => {
      resolved = undefined;
      return run(ours.executor, ourSchema, each);
    },
    fast: (each) => run(fast.executor, fastSchema, each),
    corrected: (each) => {
      corrected ??= createCorrectedStock(stock, supergraph.subgraphs, () => resolved as Resolved);
      return run(corrected, schema, each);
    },
    late,
    stop: async () => {
      await Promise.all([stock.stop(), ours.stop(), fast.stop()]);
    },
  };
}

async function turns(count: number, ticks?: number): Promise<void> {
  if (ticks === undefined) for (let turn = 0; turn < count; turn++) await setImmediate();
  else for (let tick = 0; tick < count * ticks; tick++) await Promise.resolve();
}

function createPlanStore() {
  const plans = new Map<string, QueryPlan>();
  return {
    get: async (key: string) => plans.get(key),
    set: async (key: string, plan: QueryPlan) => void plans.set(key, plan),
    delete: async (key: string) => plans.delete(key),
    clear: () => plans.clear(),
  };
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

function requestContext(each: Case, schema: GraphQLSchema): Parameters<Executor>[0] {
  const { query, variables, operationName } = each.operation;
  const document = each.document ?? parse(query);
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

import { ApolloGateway, type GatewayConfig } from "@apollo/gateway";
import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import { getVariableValues, GraphQLError, type GraphQLSchema } from "graphql";
import type { CachedOperation } from "../cache/cached-operation.ts";
import type { ProgramCacheStats } from "../cache/program-cache.ts";
import type { UsedOperation } from "../cache/used-operation.ts";
import { planVariables } from "../compile/variable-names.ts";
import { runProgram, type Sending } from "../run/run-program.ts";
import { SubgraphDataSource } from "../subgraph/subgraph-data-source.ts";
import type { Transport } from "../transport/transport.ts";
import { createUndiciTransport } from "../transport/undici-transport.ts";
import { type ApolloInternals, readInternals } from "./apollo-internals.ts";
import { Generation, type GenerationOptions, type OverrideLabelSource } from "./generation.ts";
import { DEFAULT_PLANNING, type PlanningOptions } from "./operation-planner.ts";
import { showsQueryPlan, withQueryPlan } from "./query-plan-extension.ts";
import { PlanningError } from "../planning/planning-error.ts";
import { planningPool } from "../planning/planning-pool.ts";
import { preferResolvableKeys } from "../planning/resolvable-keys.ts";
import { compositionIdOf, type StagedUpdate, stageUpdate, takeOverUpdates } from "./staged-update.ts";
import { warmUp, type WarmUpOptions, type WarmUpResult } from "./warm-up.ts";

export interface TributaryGatewayOptions {
  /** Carries calls to subgraphs, where the configuration has no `buildService`. Closed by its maker. @default undici */
  readonly transport?: Transport;
  /** Bound for compiled operations of one supergraph, in bytes, by estimate. @default 100 MiB */
  readonly programCacheBytes?: number;
  /**
   * How often an operation runs before code is generated for it; Infinity for never. Most operations of people who
   * explore are sent once, and generating code takes longer than running such an operation.
   *
   * @default 1
   */
  readonly fastAfterRuns?: number;
  /**
   * How many of the operations that were sent most are planned and compiled on a new supergraph before requests get to
   * see it. Until then the old one goes on; a supergraph that cannot be served is refused at once, as ever. 0 for none,
   * with which a supergraph manager's `update` ends with the new one in place, as ApolloGateway's does.
   *
   * @default 100
   */
  readonly warmUpOperations?: number;
  /**
   * Gives the HTTP response that an operation is answered by, from Apollo Server's `contextValue`: `({ res }) => res` where
   * the context function puts it there. Where it is known, the memory of results is used again once they are sent, which
   * with `stringifyResultToBytes` saves most of what the garbage collector does. Nobody may look at a result's data then.
   *
   * @default not known
   */
  readonly responseOf?: (context: never) => Sending | undefined;
  /**
   * Whether a result may be the text that is sent, for `stringifyResult` and its like of this package to write as it is. Its
   * data then is a Proxy, which reads as the object that the text tells of, but is no plain object: `structuredClone` throws.
   *
   * @default where there is `responseOf`
   */
  readonly textResults?: boolean;
  /** How long that may take, in milliseconds; then the new supergraph is served as it is. @default 10,000 */
  readonly warmUpMilliseconds?: number;
  /**
   * How operations are planned: within which limits, and where. What is beyond a limit is answered by an error with the code
   * `QUERY_TOO_LARGE`, or one that begins with `QUERY_PLANNING_`.
   */
  readonly planning?: Partial<PlanningOptions>;
  /**
   * Gives the labels of progressive overrides (`@override(label:)`) that are on for a request, from Apollo Server's
   * `contextValue`: fields with them come from their new subgraph. Each different list is planned for on its own.
   *
   * @default none is on, so that all such fields come from the old subgraph
   */
  readonly overrideLabels?: OverrideLabelSource;
}

/** A supergraph that is made ready. */
interface NextUpdate {
  readonly id: string;
  readonly abort: AbortController;
  /** Settles once it is in place or given up. */
  readonly done: Promise<void>;
}

/**
 * Takes the place of ApolloGateway: the same configuration, supergraph loading, updates and planning, with an executor
 * of its own.
 */
export class TributaryGateway extends ApolloGateway {
  readonly #stockExecutor: (request: GatewayGraphQLRequestContext) => Promise<GatewayExecutionResult>;
  readonly #options: GenerationOptions;
  /** Generations live as long as their schema is in use. */
  readonly #generations = new WeakMap<GraphQLSchema, Generation>();
  readonly #ownTransport: Transport | undefined;
  readonly #responseOf: TributaryGatewayOptions["responseOf"];
  readonly #textResults: boolean;
  readonly #warmUp: { readonly operations: number; readonly milliseconds: number };
  #current: Generation | undefined;
  #nextUpdate: NextUpdate | undefined;

  /**
   * @param config what ApolloGateway takes; without one, the supergraph comes from Apollo's registry, as there
   */
  constructor(config: GatewayConfig = {}, options: TributaryGatewayOptions = {}) {
    const own = config.buildService === undefined && options.transport === undefined;
    const transport = options.transport ?? (own ? createUndiciTransport() : undefined);
    super({
      ...config,
      ...(config.buildService === undefined && transport !== undefined
        ? { buildService: ({ url }) => new SubgraphDataSource({ url: url ?? "", transport }) }
        : {}),
    });
    this.#options = {
      limitBytes: options.programCacheBytes ?? 100 * 1024 * 1024,
      fastAfterRuns: options.fastAfterRuns ?? 1,
      planning: { ...DEFAULT_PLANNING, ...options.planning },
      overrideLabels: options.overrideLabels,
    };
    this.#warmUp = {
      operations: options.warmUpOperations ?? 100,
      milliseconds: options.warmUpMilliseconds ?? 10_000,
    };
    if (this.#options.planning.inThread) planningPool.start();
    this.#ownTransport = own ? transport : undefined;
    this.#responseOf = options.responseOf;
    this.#textResults = options.textResults ?? options.responseOf !== undefined;
    this.#stockExecutor = this.executor;
    // It rejects, and does not throw.
    this.executor = (request) => {
      try {
        return this.#execute(request);
      } catch (error) {
        return Promise.reject(error);
      }
    };
    this.onSchemaLoadOrUpdate(({ apiSchema }) => {
      this.#current = this.#generations.get(apiSchema) ?? this.#generationOf(readInternals(this));
    });
    takeOverUpdates(this, (id, stock) => this.#update(id, stock));
  }

  /** How the current supergraph's programs are kept; undefined until a supergraph is loaded. */
  get programCacheStats(): ProgramCacheStats | undefined {
    return this.#current?.programs.stats;
  }

  /**
   * The operations that were sent most for the current supergraph, most first: what `warmUp` of another gateway takes.
   *
   * @param limit how many at most
   */
  usedOperations(limit = this.#warmUp.operations): readonly UsedOperation[] {
    return this.#current?.programs.mostUsed(limit) ?? [];
  }

  /**
   * Plans and compiles operations for the current supergraph before requests ask for them. Requests go on meanwhile.
   *
   * @param operations the more important ones first
   * @returns when it is done or the time is up; never rejects
   */
  async warmUp(
    operations: readonly UsedOperation[],
    options: Partial<WarmUpOptions> = {},
  ): Promise<WarmUpResult> {
    if (this.#current === undefined) throw new Error("No supergraph is loaded.");
    return this.#prepare(this.#current, operations, options);
  }

  /**
   * Gives plans so long from now on, at most, also those of requests that are yet to come: for a gateway that is about to
   * stop, and finishes what it has begun.
   */
  hurryPlanning(milliseconds: number): void {
    this.#current?.planning.hurry(milliseconds);
  }

  override async stop(): Promise<void> {
    this.#nextUpdate?.abort.abort();
    await this.#nextUpdate?.done;
    await super.stop();
    this.#current?.planning.release();
    await this.#ownTransport?.close();
  }

  #execute(request: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult> {
    // Traces of subgraphs for Apollo Studio, and spans as configured, are ApolloGateway's to make.
    const metrics = request.metrics as typeof request.metrics | undefined;
    if (this.#current === undefined) throw new Error("No supergraph is loaded.");
    const generation = this.#generations.get(request.schema) ?? this.#current;
    const isCurrent = () => generation.isCurrent(readInternals(this));
    if (metrics?.captureTraces === true || this.#current.apollo.config.telemetry !== undefined)
      return generation.planForStock(request, isCurrent).then(() => this.#stockExecutor(request), rejected);

    const entry = generation.operation(request, isCurrent);
    if (entry instanceof Promise) return entry.then((made) => this.#run(request, made, generation), rejected);
    return this.#run(request, entry, generation);
  }

  #run(
    request: GatewayGraphQLRequestContext,
    entry: CachedOperation,
    generation: Generation,
  ): Promise<GatewayExecutionResult> {
    const given = request.request.variables ?? {};
    const { schema } = entry.planned.operation;
    const { errors, coerced } = getVariableValues(schema, entry.planned.variableDefinitions, given);
    if (errors !== undefined) return Promise.resolve({ errors });
    const { variableNames, refusable } = entry.planned;
    const variables = planVariables(given, variableNames);
    const run = (planned: CachedOperation) => this.#runPlanned(request, planned, { generation, variables });
    if (!refusable.some((name) => coerced[name] === null)) return run(entry);
    try {
      const made = generation.withNulls(entry, coerced);
      return made instanceof Promise ? made.then(run, rejected) : run(made);
    } catch (error) {
      if (error instanceof GraphQLError) return Promise.resolve({ errors: [error] });
      throw error;
    }
  }

  #runPlanned(
    request: GatewayGraphQLRequestContext,
    entry: CachedOperation,
    { generation, variables }: { generation: Generation; variables: Readonly<Record<string, unknown>> },
  ): Promise<GatewayExecutionResult> {
    const { planned } = entry;
    const { config } = generation.apollo;
    config.experimental_didResolveQueryPlan?.({
      queryPlan: planned.plan,
      serviceMap: { ...generation.dataSources },
      requestContext: request,
      operationContext: planned.operation,
    });
    const result = runProgram(entry.program(variables), {
      context: request,
      variables,
      responseNames: planned.operation.responseNames,
      dataSources: generation.dataSources,
      sending: this.#responseOf?.(request.context as never),
      asText: this.#textResults,
    });
    if (!showsQueryPlan(request, generation.apollo)) return result;
    return result.then((shown) => withQueryPlan(request, planned, { generation, result: shown }));
  }

  #generationOf(internals: ApolloInternals): Generation {
    preferResolvableKeys(internals.queryPlanner);
    const generation = new Generation(internals, this.#options);
    this.#generations.set(internals.schema, generation);
    return generation;
  }

  #prepare(
    generation: Generation,
    operations: readonly UsedOperation[],
    { milliseconds = this.#warmUp.milliseconds, signal }: Partial<WarmUpOptions>,
  ): Promise<WarmUpResult> {
    const isCurrent = () => generation.isCurrent(readInternals(this));
    return warmUp(generation, operations, { milliseconds, signal, isCurrent });
  }

  /** In place of ApolloGateway's update: the new supergraph is made ready aside, and then put in place. */
  #update(id: string, stock: (on: ApolloGateway) => void): void {
    const earlier = this.#nextUpdate;
    if (earlier?.id === id) return;
    const operations = this.#current === undefined ? [] : this.usedOperations();
    if (operations.length === 0 || id === compositionIdOf(this)) {
      stock(this);
      earlier?.abort.abort();
      return;
    }
    const staged = stageUpdate(this, stock);
    earlier?.abort.abort();
    const abort = new AbortController();
    const done = this.#install(staged, operations, abort.signal).finally(() => {
      if (this.#nextUpdate === next) this.#nextUpdate = undefined;
    });
    const next: NextUpdate = { id, abort, done };
    this.#nextUpdate = next;
  }

  async #install(
    staged: StagedUpdate,
    operations: readonly UsedOperation[],
    signal: AbortSignal,
  ): Promise<void> {
    const { logger } = staged.internals;
    try {
      const generation = this.#generationOf(staged.internals);
      const result = await this.#prepare(generation, operations, { signal });
      if (signal.aborted) return;
      for (const { operation, reason } of result.failures) {
        logger.warn(
          `Not ready for the new supergraph: ${operation.operationName ?? "an operation"}: ${reason}`,
        );
      }
      logger.info(`Made ${result.ready} of ${operations.length} operations ready for the new supergraph.`);
      staged.install();
    } catch (error) {
      logger.error(
        `Update of the supergraph failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}

/** The response to an operation that is beyond a limit. */
function rejected(error: unknown): GatewayExecutionResult {
  if (error instanceof PlanningError) return { errors: [error] };
  throw error;
}

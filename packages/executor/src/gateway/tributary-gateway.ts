import { ApolloGateway, type GatewayConfig } from "@apollo/gateway";
import { prettyFormatQueryPlan } from "@apollo/query-planner";
import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import { getVariableValues, type GraphQLSchema } from "graphql";
import type { PlannedOperation, ProgramCacheStats } from "../cache/program-cache.ts";
import { runProgram } from "../run/run-program.ts";
import { SubgraphDataSource } from "../subgraph/subgraph-data-source.ts";
import type { Transport } from "../transport/transport.ts";
import { createUndiciTransport } from "../transport/undici-transport.ts";
import { readInternals } from "./apollo-internals.ts";
import { type CacheOptions, Generation, planKey } from "./generation.ts";

export interface TributaryGatewayOptions {
  /** Carries calls to subgraphs, where the configuration has no `buildService`. Closed by its maker. @default undici */
  readonly transport?: Transport;
  /** Bound for compiled operations of one supergraph, in bytes, by estimate. @default 50 MiB */
  readonly programCacheBytes?: number;
  /**
   * How often an operation runs before code is generated for it; Infinity for never. Most operations of people who
   * explore are sent once, and generating code takes longer than running such an operation.
   *
   * @default 1
   */
  readonly fastAfterRuns?: number;
}

/**
 * Takes the place of ApolloGateway: the same configuration, supergraph loading, updates and planning, with an executor
 * of its own.
 */
export class TributaryGateway extends ApolloGateway {
  readonly #stockExecutor: (request: GatewayGraphQLRequestContext) => Promise<GatewayExecutionResult>;
  readonly #cacheOptions: CacheOptions;
  /** Generations live as long as their schema is in use. */
  readonly #generations = new WeakMap<GraphQLSchema, Generation>();
  readonly #ownTransport: Transport | undefined;
  #current: Generation | undefined;

  /**
   * @param config what ApolloGateway takes
   */
  constructor(config: GatewayConfig, options: TributaryGatewayOptions = {}) {
    const own = config.buildService === undefined && options.transport === undefined;
    const transport = options.transport ?? (own ? createUndiciTransport() : undefined);
    super({
      ...config,
      ...(config.buildService === undefined && transport !== undefined
        ? { buildService: ({ url }) => new SubgraphDataSource({ url: url ?? "", transport }) }
        : {}),
    });
    this.#cacheOptions = {
      limitBytes: options.programCacheBytes ?? 50 * 1024 * 1024,
      fastAfterRuns: options.fastAfterRuns ?? 1,
    };
    this.#ownTransport = own ? transport : undefined;
    this.#stockExecutor = this.executor;
    this.executor = (request) => this.#execute(request);
    this.onSchemaLoadOrUpdate(({ apiSchema }) => {
      const internals = readInternals(this);
      this.#current = new Generation(internals, this.#cacheOptions);
      this.#generations.set(apiSchema, this.#current);
    });
  }

  /** How the current supergraph's programs are kept; undefined until a supergraph is loaded. */
  get programCacheStats(): ProgramCacheStats | undefined {
    return this.#current?.programs.stats;
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.#ownTransport?.close();
  }

  async #execute(request: GatewayGraphQLRequestContext): Promise<GatewayExecutionResult> {
    // Traces of subgraphs for Apollo Studio, and spans as configured, are ApolloGateway's to make.
    const metrics = request.metrics as typeof request.metrics | undefined;
    if (this.#current === undefined) throw new Error("No supergraph is loaded.");
    const { config } = this.#current.apollo;
    if (metrics?.captureTraces === true || config.telemetry !== undefined)
      return this.#stockExecutor(request);

    const generation = this.#generations.get(request.schema) ?? this.#current;
    const variables = request.request.variables ?? {};
    const key = planKey(request);
    const planned = await generation.plan(key, request, () => generation.isCurrent(readInternals(this)));
    const { schema, operation } = planned.operation;
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (errors !== undefined) return { errors };

    config.experimental_didResolveQueryPlan?.({
      queryPlan: planned.plan,
      serviceMap: { ...generation.dataSources },
      requestContext: request,
      operationContext: planned.operation,
    });
    const program = generation.programs.program(key, planned, variables);
    const result = await runProgram(program, {
      context: request,
      variables,
      responseNames: planned.operation.responseNames,
      dataSources: generation.dataSources,
    });
    const headers = request.request.http?.headers;
    const asked = config.__exposeQueryPlanExperimental === true && headers?.get(PLAN_HEADER);
    return config.debug === true || asked ? withQueryPlan(request, planned, { generation, result }) : result;
  }
}

const PLAN_HEADER = "apollo-query-plan-experimental";

/** Shows the plan where ApolloGateway would: in the log when debugging, and in the answer to whom asks by a header. */
function withQueryPlan(
  { request }: GatewayGraphQLRequestContext,
  { plan }: PlannedOperation,
  { generation, result }: { readonly generation: Generation; readonly result: GatewayExecutionResult },
): GatewayExecutionResult {
  const { config, logger } = generation.apollo;
  const headers = request.http?.headers;
  const text = plan.node === undefined ? null : prettyFormatQueryPlan(plan);
  if (config.debug === true && text !== null) logger.debug(text);
  if (config.__exposeQueryPlanExperimental !== true || !headers?.get(PLAN_HEADER)) return result;
  const format = headers.get(`${PLAN_HEADER}-format`) ?? "prettified";
  const shown = format === "prettified" ? (text ?? true) : format === "internal" ? plan : true;
  return { ...result, extensions: { __queryPlanExperimental: shown } };
}

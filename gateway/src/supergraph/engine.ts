import { createHash } from "node:crypto";
import type { GatewayConfig, GraphQLDataSource } from "@apollo/gateway";
import type { ApolloServerOptions } from "@apollo/server";
import {
  type Operation,
  type PlanningOptions,
  type ProgramCacheStats,
  TributaryGateway,
  type UsedOperation,
  type WarmUpResult,
} from "@tributary/executor";
import { type DocumentNode, type GraphQLSchema, parse, print } from "graphql";
import { plannerSupergraph } from "./planner-supergraph.ts";
import {
  createOverrideChoice,
  type ProgressiveOverride,
  readProgressiveOverrides,
} from "./progressive-overrides.ts";
import { SupergraphError } from "./supergraph-error.ts";

type Gateway = NonNullable<ApolloServerOptions<object>["gateway"]>;
type Executor = NonNullable<Awaited<ReturnType<Gateway["load"]>>["executor"]>;

/** What Apollo Server hands to an executor: one operation and its surroundings. */
export type ExecutionRequest = Parameters<Executor>[0];
/** What an executor answers: `data`, `errors` and `extensions` of GraphQL's response. */
export type ExecutionResult = Awaited<ReturnType<Executor>>;
/** Runs one operation against one supergraph. The seam that another executor can take the place of. */
export type Execute = (request: ExecutionRequest) => Promise<ExecutionResult>;

/** A query plan as the planner makes it; only its FetchNodes are looked at from outside. */
export type QueryPlan = Parameters<
  NonNullable<GatewayConfig["experimental_didResolveQueryPlan"]>
>[0]["queryPlan"];

/** How an operation is run. */
export interface ResolvedPlan {
  readonly plan: QueryPlan;
  /** The client's response names for those that go by another one in the plan. */
  readonly responseNames: ReadonlyMap<string, string>;
}

/** One supergraph, ready to serve. Never changes: another supergraph is another engine. */
export interface Engine {
  /** SHA-256 of the supergraph's text, in hex. */
  readonly hash: string;
  /** What clients see. */
  readonly schema: GraphQLSchema;
  readonly supergraph: DocumentNode;
  readonly execute: Execute;
  stop(): Promise<void>;
}

/** An engine that can be made ready before it serves. */
export interface SupergraphEngine extends Engine {
  /** Fields that move from one subgraph to another, step by step. */
  readonly overrides: readonly ProgressiveOverride[];
  /** The operations that were sent most, most first. */
  usedOperations(limit: number): readonly UsedOperation[];
  /** Plans and compiles operations, for so long at most; never rejects. */
  warmUp(operations: readonly UsedOperation[], milliseconds: number): Promise<WarmUpResult>;
  /** Gives plans so long from now on, at most, in milliseconds: those that are yet to come too. */
  hurryPlanning(milliseconds: number): void;
  /** How plans and programs are kept. */
  readonly programs: ProgramCacheStats;
}

/** A subgraph, as the supergraph tells of it. */
export interface SubgraphEntry {
  readonly name: string;
  readonly url: string | undefined;
}

export interface EngineOptions {
  /** URLs of the security features that are enforced in front of the engine. */
  readonly enforcedFeatures: ReadonlySet<string>;
  /** Looks at the supergraph before it is taken; throws SupergraphError to refuse it. */
  readonly check: (supergraph: DocumentNode) => void;
  readonly createDataSource: (subgraph: SubgraphEntry) => GraphQLDataSource;
  /** Within which limits operations are planned. */
  readonly planning: Pick<PlanningOptions, "milliseconds" | "maxSelections">;
  /** Labels of progressive overrides that are on for all requests, beside those of a share of requests. */
  readonly overrideLabels: ReadonlySet<string>;
  /** Whether a request that asks by the header `apollo-query-plan-experimental` is told its plan, as Apollo Sandbox does. */
  readonly showsPlans: boolean;
  /** Told the plan of each operation before it runs. */
  readonly onPlan: (context: object, resolved: ResolvedPlan) => void;
  readonly logger: NonNullable<GatewayConfig["logger"]>;
}

/** SHA-256 of a supergraph's text, in hex. */
export function hashOf(sdl: string): string {
  return createHash("sha256").update(sdl).digest("hex");
}

/**
 * Makes an engine of a supergraph.
 *
 * @param sdl the supergraph's text
 * @throws SupergraphError where it cannot be served
 */
export async function createEngine(sdl: string, options: EngineOptions): Promise<SupergraphEngine> {
  const supergraph = parseSupergraph(sdl);
  options.check(supergraph);
  const overrides = readProgressiveOverrides(supergraph);
  const chooseLabels = createOverrideChoice(overrides, options.overrideLabels);
  const config: GatewayConfig = {
    supergraphSdl: print(plannerSupergraph(supergraph, options.enforcedFeatures)),
    buildService: ({ name, url }) => options.createDataSource({ name, url }),
    experimental_didResolveQueryPlan: ({ queryPlan, requestContext, operationContext }) => {
      const { responseNames } = operationContext as unknown as Operation;
      options.onPlan(requestContext.context, { plan: queryPlan, responseNames });
    },
    __exposeQueryPlanExperimental: options.showsPlans,
    logger: options.logger,
  };
  const gateway = new TributaryGateway(config, {
    planning: options.planning,
    textResults: true,
    ...(chooseLabels === null ? {} : { overrideLabels: () => chooseLabels(Math.random() * 100) }),
  });
  try {
    const { schema, executor } = await gateway.load();
    const stats = () => {
      const { programCacheStats } = gateway;
      if (programCacheStats === undefined) throw new Error("No supergraph is loaded.");
      return programCacheStats;
    };
    return {
      hash: hashOf(sdl),
      schema,
      supergraph,
      overrides,
      execute: executor as unknown as Execute,
      usedOperations: (limit) => gateway.usedOperations(limit),
      warmUp: (operations, milliseconds) => gateway.warmUp(operations, { milliseconds }),
      hurryPlanning: (milliseconds) => gateway.hurryPlanning(milliseconds),
      get programs() {
        return stats();
      },
      stop: () => gateway.stop(),
    };
  } catch (error) {
    throw new SupergraphError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseSupergraph(sdl: string): DocumentNode {
  try {
    return parse(sdl, { noLocation: true });
  } catch (error) {
    throw new SupergraphError(`It is not GraphQL: ${error instanceof Error ? error.message : String(error)}`);
  }
}

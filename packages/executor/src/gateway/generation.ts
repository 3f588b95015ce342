import { createHash } from "node:crypto";
import { operationFromDocument } from "@apollo/federation-internals";
import { buildOperationContext } from "@apollo/gateway";
import type { QueryPlan } from "@apollo/query-planner";
import type { GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import { type DocumentNode, validate } from "graphql";
import type { CachedOperation, PlannedOperation } from "../cache/cached-operation.ts";
import { ProgramCache, type ProgramCacheOptions } from "../cache/program-cache.ts";
import type { OperationSource, UsedOperation } from "../cache/used-operation.ts";
import { planDocument } from "../compile/plan-document.ts";
import { renameConflicts, type Renaming } from "../compile/renaming.ts";
import { readRequirements, type Requirements } from "../compile/requirements.ts";
import type { DataSources } from "../run/request.ts";
import { takesBodies } from "../subgraph/body-source.ts";
import type { ApolloInternals } from "./apollo-internals.ts";

/** How programs are kept and made, whatever the supergraph. */
export type CacheOptions = Omit<ProgramCacheOptions, "supergraphSchema">;

/** Where plans are kept beside those here. */
interface PlanStore {
  readonly key: string;
  /** Tells whether what the gateway's store holds is about this supergraph. */
  readonly isCurrent: () => boolean;
}

/** How an operation is put to the planner, and where the plan is kept. */
interface WayToPlan extends Renaming, Pick<PlanStore, "key"> {
  readonly forPlanner: DocumentNode;
}

/** One supergraph with all that was made for it. What a request began with stays with it to its end. */
export class Generation {
  readonly dataSources: DataSources;
  readonly programs: ProgramCache;
  readonly apollo: ApolloInternals;
  #requirements: Requirements | undefined;

  constructor(internals: ApolloInternals, options: CacheOptions) {
    this.apollo = internals;
    this.dataSources = Object.fromEntries(
      Object.entries(internals.serviceMap).map(([name, { dataSource }]) => [name, dataSource]),
    );
    for (const [name, dataSource] of Object.entries(this.dataSources)) {
      if (takesBodies(dataSource)) continue;
      internals.logger.info(`Subgraph "${name}" has a data source of its own; SubgraphDataSource is faster.`);
    }
    this.programs = new ProgramCache({ ...options, supergraphSchema: internals.supergraphSchema });
  }

  /** Whether the gateway still has this supergraph, and so its plans. */
  isCurrent(internals: ApolloInternals): boolean {
    return internals.queryPlanner === this.apollo.queryPlanner;
  }

  /**
   * The operation of a request with its plan.
   *
   * @param isCurrent tells whether the gateway's store of plans is about this supergraph
   */
  operation(
    request: GatewayGraphQLRequestContext,
    isCurrent: () => boolean,
  ): CachedOperation | Promise<CachedOperation> {
    const { queryHash, document, operation, request: asked } = request;
    const named = operation as typeof operation | undefined;
    const source = { queryHash, document, operationName: named?.name?.value ?? asked.operationName ?? null };
    return this.programs.operation(source, () =>
      this.#plan(source, { key: planKey(queryHash, asked.operationName), isCurrent }),
    );
  }

  /**
   * Plans and compiles an operation that no request has asked for yet, where that was not done.
   *
   * @throws Error where it cannot be done; with the first fault where the operation is not valid here
   */
  async warmUp(used: UsedOperation, isCurrent: () => boolean): Promise<void> {
    const [fault] = validate(this.apollo.schema, used.document);
    if (fault !== undefined) throw fault;
    const key = planKey(used.queryHash, used.operationName);
    const made = await this.programs.warmUp(used, () => this.#plan(used, { key, isCurrent }));
    const conditions = used.conditions.length > 0 ? used.conditions : [{}];
    for (const each of conditions) made?.prepare(each, this.dataSources);
  }

  async #plan(source: OperationSource, store: PlanStore): Promise<PlannedOperation> {
    const { document } = source;
    this.#requirements ??= readRequirements(this.apollo.supergraphSdl);
    const renaming = renameConflicts(document, this.#requirements);
    const { schema } = this.apollo;
    const forPlanner = planDocument(renaming.document, { ...this.#requirements, schema });
    // A plan for other words is no plan for whoever else uses the store.
    const ways = [
      { ...renaming, forPlanner, key: `${store.key}:in other words` },
      { ...renaming, forPlanner: renaming.document, key: `${store.key}:renamed` },
      { document, forPlanner: document, responseNames: new Map<string, string>(), key: store.key },
    ].filter((way, index, { [index + 1]: next }) => way.forPlanner !== next?.forPlanner);
    // The planner has faults of its own, and fails at some words. What it makes of an operation as written is what Apollo
    // Gateway would do.
    let failure: unknown;
    for (const way of ways) {
      try {
        return await this.#planWorded(source, way, { key: way.key, isCurrent: store.isCurrent });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #planWorded(
    { operationName }: OperationSource,
    { document, forPlanner, responseNames }: Omit<WayToPlan, "key">,
    { key, isCurrent }: PlanStore,
  ): Promise<PlannedOperation> {
    const named = operationName === null ? {} : { operationName };
    const operation = buildOperationContext({
      schema: this.apollo.schema,
      operationDocument: document,
      ...named,
    });
    let planMilliseconds: number | null = null;
    const plan = await this.#storedPlan(key, isCurrent, () => {
      const began = performance.now();
      const made = this.#makePlan(forPlanner, named);
      planMilliseconds = performance.now() - began;
      return made;
    });
    return { operation: { ...operation, responseNames }, plan, planMilliseconds };
  }

  async #storedPlan(key: string, isCurrent: () => boolean, make: () => QueryPlan): Promise<QueryPlan> {
    const { config, queryPlanStore, logger } = this.apollo;
    // ApolloGateway's own store would keep what is kept here already, and not count what that takes.
    if (config.queryPlannerConfig?.cache === undefined) return make();
    const stored = isCurrent() ? await queryPlanStore.get(key) : undefined;
    // The store may have been emptied and filled for the next supergraph while it was read.
    if (stored != null && isCurrent()) return stored;
    const plan = make();
    try {
      if (isCurrent()) await queryPlanStore.set(key, plan);
    } catch (error) {
      logger.warn(`Could not store queryPlan${error instanceof Error ? error.message : String(error)}`);
    }
    return plan;
  }

  #makePlan(document: DocumentNode, named: { readonly operationName?: string }): QueryPlan {
    const { apiSchema, queryPlanner, recursiveSelectionsLimitDisabled, nonLocalSelectionsLimitDisabled } =
      this.apollo;
    return queryPlanner.buildQueryPlan(operationFromDocument(apiSchema, document, named), {
      recursiveSelectionsLimitDisabled,
      nonLocalSelectionsLimitDisabled,
    });
  }
}

/** The key of an operation's plan, as ApolloGateway makes it: by document, and by the name in the request. */
function planKey(queryHash: string, operationName: string | null | undefined): string {
  if (!operationName) return queryHash;
  return createHash("sha256").update(queryHash).update(operationName).digest("hex");
}

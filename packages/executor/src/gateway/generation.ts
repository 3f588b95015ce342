import { createHash } from "node:crypto";
import { operationFromDocument } from "@apollo/federation-internals";
import { buildOperationContext } from "@apollo/gateway";
import type { QueryPlan } from "@apollo/query-planner";
import type { GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import { type PlannedOperation, ProgramCache, type ProgramCacheOptions } from "../cache/program-cache.ts";
import type { Operation } from "../compile/operation.ts";
import { renameConflicts, type RequiredFields, requiredFields } from "../compile/renaming.ts";
import type { DataSources } from "../run/request.ts";
import { takesBodies } from "../subgraph/body-source.ts";
import type { ApolloInternals } from "./apollo-internals.ts";

/** How programs are kept and made, whatever the supergraph. */
export type CacheOptions = Omit<ProgramCacheOptions, "supergraphSchema">;

/** One supergraph with all that was made for it. What a request began with stays with it to its end. */
export class Generation {
  readonly dataSources: DataSources;
  readonly programs: ProgramCache;
  readonly apollo: ApolloInternals;
  #required: RequiredFields | undefined;

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
  plan(
    key: string,
    request: GatewayGraphQLRequestContext,
    isCurrent: () => boolean,
  ): Promise<PlannedOperation> {
    return this.programs.operation(key, async () => {
      this.#required ??= requiredFields(this.apollo.supergraphSdl);
      const { document, responseNames } = renameConflicts(request.document, this.#required);
      const renamed = responseNames.size === 0 ? request : { ...request, document };
      return {
        operation: this.#operation(renamed, responseNames),
        // A plan for other names is no plan for whoever else uses the store.
        plan: await this.#storedPlan(responseNames.size === 0 ? key : `${key}:renamed`, renamed, isCurrent),
        documentLength: request.source?.length ?? 0,
      };
    });
  }

  #operation(
    { document, request }: GatewayGraphQLRequestContext,
    responseNames: Operation["responseNames"],
  ): Operation {
    const operation = buildOperationContext({
      schema: this.apollo.schema,
      operationDocument: document,
      ...(request.operationName ? { operationName: request.operationName } : {}),
    });
    return { ...operation, responseNames };
  }

  async #storedPlan(
    key: string,
    request: GatewayGraphQLRequestContext,
    isCurrent: () => boolean,
  ): Promise<QueryPlan> {
    const { queryPlanStore } = this.apollo;
    const stored = isCurrent() ? await queryPlanStore.get(key) : undefined;
    // The store may have been emptied and filled for the next supergraph while it was read.
    if (stored != null && isCurrent()) return stored;
    const plan = this.#makePlan(request);
    try {
      if (isCurrent()) await queryPlanStore.set(key, plan);
    } catch (error) {
      request.logger?.warn(
        `Could not store queryPlan${error instanceof Error ? error.message : String(error)}`,
      );
    }
    return plan;
  }

  #makePlan({ document, request }: GatewayGraphQLRequestContext): QueryPlan {
    const { apiSchema, queryPlanner, recursiveSelectionsLimitDisabled, nonLocalSelectionsLimitDisabled } =
      this.apollo;
    const options = request.operationName ? { operationName: request.operationName } : {};
    return queryPlanner.buildQueryPlan(operationFromDocument(apiSchema, document, options), {
      recursiveSelectionsLimitDisabled,
      nonLocalSelectionsLimitDisabled,
    });
  }
}

/** The key of a request's operation, as ApolloGateway makes it: by document and operation name. */
export function planKey({ queryHash, request }: GatewayGraphQLRequestContext): string {
  if (!request.operationName) return queryHash;
  return createHash("sha256").update(queryHash).update(request.operationName).digest("hex");
}

import { createHash } from "node:crypto";
import { buildOperationContext } from "@apollo/gateway";
import type { QueryPlan } from "@apollo/query-planner";
import type { GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";
import { type DocumentNode, validate } from "graphql";
import type { CachedOperation, PlannedOperation } from "../cache/cached-operation.ts";
import { ProgramCache, type ProgramCacheOptions } from "../cache/program-cache.ts";
import type { OperationSource, UsedOperation } from "../cache/used-operation.ts";
import { withConcreteFragments } from "../compile/concrete-fragments.ts";
import { planDocument } from "../compile/plan-document.ts";
import { markRefused, refusableVariables, withoutRefused } from "../compile/refused-fields.ts";
import { renameConflicts, type Renaming } from "../compile/renaming.ts";
import { renameVariables } from "../compile/variable-names.ts";
import { inSequence, mutationParts } from "../planner-fixes/mutation-order.ts";
import { PlanningError } from "../planning/planning-error.ts";
import type { DataSources } from "../run/request.ts";
import { takesBodies } from "../subgraph/body-source.ts";
import type { ApolloInternals } from "./apollo-internals.ts";
import type { OperationPlan, PlanningOptions } from "./operation-planner.ts";
import { Planning } from "./planning.ts";
import { RejectedOperations } from "./rejected-operations.ts";

/** How programs are kept and made, whatever the supergraph. */
export type CacheOptions = Omit<ProgramCacheOptions, "supergraphSchema">;

/** Gives the labels of progressive overrides that are on for a request, in an order, from Apollo Server's `contextValue`. */
export type OverrideLabelSource = (context: never) => readonly string[];

export interface GenerationOptions extends CacheOptions {
  readonly planning: PlanningOptions;
  readonly overrideLabels: OverrideLabelSource | undefined;
}

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

/** An operation in some words, and as the client wrote it. */
interface WordedOperation extends Omit<WayToPlan, "key"> {
  readonly asWritten: DocumentNode;
}

/** One supergraph with all that was made for it. What a request began with stays with it to its end. */
export class Generation {
  readonly dataSources: DataSources;
  readonly programs: ProgramCache;
  readonly apollo: ApolloInternals;
  readonly planning: Planning;
  readonly #rejected = new RejectedOperations();
  readonly #overrideLabelsFor: OverrideLabelSource | undefined;

  constructor(internals: ApolloInternals, options: GenerationOptions) {
    this.apollo = internals;
    this.#overrideLabelsFor = options.overrideLabels;
    this.planning = new Planning(internals, options.planning);
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
    const operationName = named?.name?.value ?? asked.operationName ?? null;
    const labels = this.#overrideLabelsFor?.(request.context as never);
    const overrideLabels = labels === undefined || labels.length === 0 ? undefined : labels;
    const source = { queryHash, document, operationName, overrideLabels };
    return this.programs.operation(source, () =>
      this.#plan(source, { key: planKey(queryHash, asked.operationName, overrideLabels), isCurrent }),
    );
  }

  /**
   * The same operation for requests that give null for some variables where fields do not take it: those fields are not
   * asked of subgraphs, and have an error each.
   *
   * @param variables coerced
   * @throws GraphQLError with the code BAD_USER_INPUT where the whole operation cannot be run
   */
  withNulls(
    { source, planned }: CachedOperation,
    variables: Readonly<Record<string, unknown>>,
  ): CachedOperation | Promise<CachedOperation> {
    const nulls = planned.refusable.filter((name) => variables[name] === null);
    const document = markRefused(this.apollo.schema, source, variables);
    const queryHash = `${source.queryHash}:null ${nulls.join(" ")}`;
    const marked = { ...source, queryHash, document, isForNulls: true };
    return this.programs.operation(marked, () =>
      this.#plan(marked, {
        key: planKey(queryHash, source.operationName, source.overrideLabels),
        isCurrent: () => false,
      }),
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
    const key = planKey(used.queryHash, used.operationName, used.overrideLabels);
    const made = await this.programs.warmUp(used, () => this.#plan(used, { key, isCurrent }));
    const conditions = used.conditions.length > 0 ? used.conditions : [{}];
    for (const each of conditions) made?.prepare(each, this.dataSources);
  }

  /**
   * Has ApolloGateway's own executor find the plan of a request in its store, so that it makes none where it runs.
   *
   * @throws PlanningError beyond a limit
   */
  async planForStock(request: GatewayGraphQLRequestContext, isCurrent: () => boolean): Promise<void> {
    const { queryHash, document, request: asked } = request;
    const { queryPlanStore } = this.apollo;
    const key = planKey(queryHash, asked.operationName);
    if (!isCurrent() || (await queryPlanStore.get(key)) != null) return;
    const plan = await this.#checked(key, () =>
      this.planning.ofStock.begin({ document, operationName: asked.operationName ?? null }).make(document),
    );
    if (isCurrent()) await queryPlanStore.set(key, plan);
  }

  #plan(source: OperationSource, store: PlanStore): Promise<PlannedOperation> {
    return this.#checked(store.key, () => this.#planInWords(source, store));
  }

  /** Plans an operation, unless it is known to go beyond a limit. */
  async #checked<Result>(key: string, plan: () => Promise<Result>): Promise<Result> {
    const rejection = this.#rejected.find(key);
    if (rejection !== undefined) throw rejection;
    try {
      return await plan();
    } catch (error) {
      if (error instanceof PlanningError && error.isLasting) this.#rejected.add(key, error);
      throw error;
    }
  }

  async #planInWords(source: OperationSource, store: PlanStore): Promise<PlannedOperation> {
    const { requirements, isOfOwnSupergraph, operations } = this.planning;
    const operation = operations.begin(source);
    const { schema } = this.apollo;
    const { document, variableNames } = renameVariables(source.document);
    const renaming = renameConflicts(document, requirements, schema);
    const asRenamed = withoutRefused(renaming.document);
    const forPlanner = planDocument(asRenamed, { ...requirements, schema });
    // A plan for other words, or for another supergraph, is no plan for whoever else uses the store.
    const key = isOfOwnSupergraph ? `${store.key}:of its own supergraph` : store.key;
    const own = document === source.document ? key : `${key}:other variables`;
    const ways = [
      { ...renaming, forPlanner, key: `${key}:in other words` },
      { ...renaming, forPlanner: asRenamed, key: `${key}:renamed` },
      { document, forPlanner: withoutRefused(document), responseNames: new Map<string, string>(), key: own },
    ].filter((way, index, { [index + 1]: next }) => way.forPlanner !== next?.forPlanner);
    const concrete = withConcreteFragments(forPlanner, schema);
    if (concrete !== forPlanner) ways.push({ ...renaming, forPlanner: concrete, key: `${key}:concrete` });
    // The planner has faults of its own, and fails at some words. What it makes of an operation as written is what Apollo
    // Gateway would do.
    let failure: unknown;
    for (const way of ways) {
      try {
        const worded = { ...way, asWritten: source.document };
        const planned = await this.#planWorded(operation, worded, {
          key: way.key,
          isCurrent: store.isCurrent,
        });
        return { ...planned, variableNames };
      } catch (error) {
        if (error instanceof PlanningError && !error.isOfWording) throw error;
        failure ??= error;
      }
    }
    throw this.planning.explain(document, failure);
  }

  async #planWorded(
    { named, make }: OperationPlan,
    { document, forPlanner, responseNames, asWritten }: WordedOperation,
    { key, isCurrent }: PlanStore,
  ): Promise<Omit<PlannedOperation, "variableNames">> {
    const { schema } = this.apollo;
    const operation = buildOperationContext({ schema, operationDocument: document, ...named });
    const written = buildOperationContext({ schema, operationDocument: asWritten, ...named });
    let planMilliseconds: number | null = null;
    const planOf = (part: DocumentNode, partKey: string) =>
      this.#storedPlan(partKey, isCurrent, async () => {
        const began = performance.now();
        const made = await make(part);
        planMilliseconds = (planMilliseconds ?? 0) + performance.now() - began;
        return made;
      });
    const whole = await planOf(forPlanner, key);
    const parts = mutationParts(forPlanner, named.operationName ?? null, whole);
    const plans: QueryPlan[] = parts.length === 1 ? [whole] : [];
    if (parts.length > 1)
      for (const [index, part] of parts.entries()) plans.push(await planOf(part, `${key}:part ${index}`));
    const mended = plans.map((each) => this.planning.mend(each));
    const [plan = whole] = mended.length > 1 ? [inSequence(mended)] : mended;
    return {
      operation: { ...operation, responseNames },
      plan,
      planMilliseconds,
      variableDefinitions: written.operation.variableDefinitions ?? [],
      refusable: refusableVariables(schema, asWritten, written.operation),
    };
  }

  async #storedPlan(
    key: string,
    isCurrent: () => boolean,
    make: () => Promise<QueryPlan>,
  ): Promise<QueryPlan> {
    const { config, queryPlanStore, logger } = this.apollo;
    // ApolloGateway's own store would keep what is kept here already, and not count what that takes.
    if (config.queryPlannerConfig?.cache === undefined) return make();
    const stored = isCurrent() ? await queryPlanStore.get(key) : undefined;
    // The store may have been emptied and filled for the next supergraph while it was read.
    if (stored != null && isCurrent()) return stored;
    const plan = await make();
    try {
      if (isCurrent()) await queryPlanStore.set(key, plan);
    } catch (error) {
      logger.warn(`Could not store queryPlan${error instanceof Error ? error.message : String(error)}`);
    }
    return plan;
  }
}

/**
 * The key of an operation's plan, as ApolloGateway makes it: by document, and by the name in the request; and by the labels
 * that are on, which it does not know.
 */
function planKey(
  queryHash: string,
  operationName: string | null | undefined,
  overrideLabels: readonly string[] = [],
): string {
  if (!operationName && overrideLabels.length === 0) return queryHash;
  const hash = createHash("sha256")
    .update(queryHash)
    .update(operationName ?? "");
  for (const label of overrideLabels) hash.update(`\n${label}`);
  return hash.digest("hex");
}

import { operationFromDocument } from "@apollo/federation-internals";
import { buildOperationContext } from "@apollo/gateway";
import type { QueryPlan } from "@apollo/query-planner";
import { type DocumentNode, print } from "graphql";
import { createIntrospectionMeasure, type IntrospectionMeasure } from "../planning/introspection-size.ts";
import type { OperationSource } from "../cache/used-operation.ts";
import type { PlannerSource } from "../planning/messages.ts";
import { overrideConditionsOf } from "../planning/override-conditions.ts";
import { PlanningError } from "../planning/planning-error.ts";
import { planningPool } from "../planning/planning-pool.ts";
import { createSelectionCounter, tooManySelections } from "../planning/selections.ts";
import type { ApolloInternals } from "./apollo-internals.ts";

/** Within which limits operations are planned, and where. */
export interface PlanningOptions {
  /**
   * Whether operations are planned in a thread of its own, which is ended where a plan takes too long. Without one, nobody
   * is served while an operation is planned, and nothing ends that.
   *
   * @default true
   */
  readonly inThread: boolean;
  /** How long a plan may take, in milliseconds. @default 10,000 */
  readonly milliseconds: number;
  /** How many fields and fragments an operation may select, with its fragments written out. @default 10,000 */
  readonly maxSelections: number;
}

/** Apollo's planner with its schema, in the thread that serves requests. */
export type LocalPlanner = Pick<ApolloInternals, "queryPlanner" | "apiSchema">;

/** The supergraph that a planner gets, which need not be the gateway's. */
export interface PlannedSupergraph {
  readonly supergraphSdl: string;
  /** Makes its planner here. Not called where there is a thread for it. */
  readonly createPlanner: () => LocalPlanner;
}

export const DEFAULT_PLANNING: PlanningOptions = {
  inThread: true,
  milliseconds: 10_000,
  maxSelections: 10_000,
};

/** An operation that may be planned, in one or another wording. */
export interface OperationPlan {
  /** The operation's name, as options have it. */
  readonly named: { readonly operationName?: string };
  /**
   * @param document the operation, in words for the planner
   * @throws PlanningError beyond a limit; else what the planner throws
   */
  make(document: DocumentNode): Promise<QueryPlan>;
}

/** What a plan is made of. */
type PlannedSource = Omit<OperationSource, "queryHash">;

let count = 0;

/** A supergraph goes from the threads with the last object that plans for it. */
const unused = new FinalizationRegistry<number>((id) => planningPool.release(id));

/** Plans operations for one supergraph. */
export class OperationPlanner {
  readonly #apollo: ApolloInternals;
  readonly #options: PlanningOptions;
  readonly #source: PlannerSource;
  readonly #createPlanner: () => LocalPlanner;
  #planner: LocalPlanner | undefined;
  #introspection: IntrospectionMeasure | undefined;

  constructor(apollo: ApolloInternals, options: PlanningOptions, supergraph: PlannedSupergraph) {
    this.#apollo = apollo;
    this.#options = options;
    this.#createPlanner = supergraph.createPlanner;
    const { cache: _, ...config } = apollo.config.queryPlannerConfig ?? {};
    const { recursiveSelectionsLimitDisabled, nonLocalSelectionsLimitDisabled } = apollo;
    this.#source = {
      id: count++,
      supergraphSdl: supergraph.supergraphSdl,
      config,
      recursiveSelectionsLimitDisabled,
      nonLocalSelectionsLimitDisabled,
    };
    if (!options.inThread) return;
    unused.register(this, this.#source.id);
    planningPool.prepare(this.#source);
  }

  /**
   * Looks at an operation before it is planned.
   *
   * @throws PlanningError where it selects too much, or asks for too much of the schema's description
   */
  begin({ document, operationName, overrideLabels }: PlannedSource): OperationPlan {
    const named = operationName === null ? {} : { operationName };
    const { schema } = this.#apollo;
    const { operation } = buildOperationContext({ schema, operationDocument: document, ...named });
    const selections = createSelectionCounter(document)(operation);
    const { maxSelections } = this.#options;
    if (selections > maxSelections) {
      const message = tooManySelections("The operation", selections, maxSelections);
      throw new PlanningError("QUERY_TOO_LARGE", message);
    }
    this.#introspection ??= createIntrospectionMeasure(schema);
    const values = this.#introspection.size(document, operation);
    const { limit } = this.#introspection;
    if (values > limit) {
      const message = `The operation asks for about ${Math.round(values)} values of the schema's description; at most ${limit} are given.`;
      throw new PlanningError("QUERY_TOO_LARGE", message);
    }
    return {
      named,
      make: async (worded) =>
        this.#options.inThread
          ? planningPool.plan({
              source: this.#source,
              task: { document: print(worded), operationName: named.operationName, overrideLabels },
              selections,
              milliseconds: this.#options.milliseconds,
            })
          : this.#makeHere(worded, { named, overrideLabels }),
    };
  }

  /** Gives plans so long from now on, at most. */
  hurry(milliseconds: number): void {
    if (this.#options.inThread) planningPool.hurry(this.#source.id, milliseconds);
  }

  /** Lets go of the supergraph: what is planned then has it loaded again. */
  release(): void {
    if (this.#options.inThread) planningPool.release(this.#source.id);
  }

  #makeHere(
    document: DocumentNode,
    { named, overrideLabels }: Pick<OperationPlan, "named"> & Pick<OperationSource, "overrideLabels">,
  ): QueryPlan {
    const { recursiveSelectionsLimitDisabled, nonLocalSelectionsLimitDisabled } = this.#apollo;
    this.#planner ??= this.#createPlanner();
    const { apiSchema, queryPlanner } = this.#planner;
    return queryPlanner.buildQueryPlan(operationFromDocument(apiSchema, document, named), {
      recursiveSelectionsLimitDisabled,
      nonLocalSelectionsLimitDisabled,
      overrideConditions: overrideConditionsOf(overrideLabels),
    });
  }
}

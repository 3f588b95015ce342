import { Supergraph } from "@apollo/federation-internals";
import { type QueryPlan, QueryPlanner } from "@apollo/query-planner";
import { buildASTSchema, type DocumentNode, parse } from "graphql";
import { readRequirements, type Requirements } from "../compile/requirements.ts";
import { withAliasedFields } from "../planner-fixes/aliased-fields.ts";
import { checkOrder } from "../planner-fixes/late-inputs.ts";
import {
  checkRequirements,
  hasNestedRequirements,
  unplannableField,
} from "../planner-fixes/nested-requirements.ts";
import { type SeparatedSupergraph, separateRequiredFields } from "../planner-fixes/required-fields.ts";
import { splitSentTypes } from "../planner-fixes/sent-types.ts";
import { splitFetches, type SplitOptions } from "../planner-fixes/split-fetches.ts";
import { readSubgraphInputs } from "../planner-fixes/subgraph-inputs.ts";
import type { ApolloInternals } from "./apollo-internals.ts";
import { PlanningError } from "../planning/planning-error.ts";
import { preferResolvableKeys } from "../planning/resolvable-keys.ts";
import { type LocalPlanner, OperationPlanner, type PlanningOptions } from "./operation-planner.ts";

/** Plans for one supergraph: Apollo's planner makes the plans, and its faults are mended. */
export class Planning {
  /** What fields require, in the supergraph that the planner gets. */
  readonly requirements: Requirements;
  /** Whether plans are made for another supergraph than the gateway's, and cannot be run with that one. */
  readonly isOfOwnSupergraph: boolean;
  /** Has operations planned. */
  readonly operations: OperationPlanner;
  readonly #internals: ApolloInternals;
  readonly #options: PlanningOptions;
  readonly #separated: SeparatedSupergraph | null;
  readonly #splitting: SplitOptions;
  readonly #hasRequirements: boolean;
  readonly #hasNestedRequirements: boolean;
  #ofStock: OperationPlanner | undefined;

  /** @param internals of a gateway whose supergraph it is */
  constructor(internals: ApolloInternals, options: PlanningOptions) {
    this.#internals = internals;
    this.#options = options;
    const { supergraphSdl } = internals;
    const requirements = readRequirements(supergraphSdl);
    const separated = separateRequiredFields(supergraphSdl, requirements);
    this.#separated = separated;
    this.isOfOwnSupergraph = separated !== null;
    this.requirements = separated === null ? requirements : readRequirements(separated.sdl);
    const supergraphSchema = separated === null ? internals.supergraphSchema : schemaOf(separated);
    const fields = separated?.fields ?? null;
    this.#splitting = { supergraphSchema, inputs: readSubgraphInputs(supergraphSchema), fields };
    this.#hasRequirements = [...this.#splitting.inputs.values()].some(({ needs }) => needs.size > 0);
    this.#hasNestedRequirements = hasNestedRequirements(this.#splitting.inputs);
    this.operations = new OperationPlanner(internals, options, {
      supergraphSdl: separated?.sdl ?? supergraphSdl,
      createPlanner: () => (separated === null ? internals : createPlanner(separated, internals)),
    });
  }

  /** Has operations planned as ApolloGateway plans them: for its own supergraph. */
  get ofStock(): OperationPlanner {
    if (this.#separated === null) return this.operations;
    this.#ofStock ??= new OperationPlanner(this.#internals, this.#options, {
      supergraphSdl: this.#internals.supergraphSdl,
      createPlanner: () => this.#internals,
    });
    return this.#ofStock;
  }

  /** Gives plans so long from now on, at most. */
  hurry(milliseconds: number): void {
    this.operations.hurry(milliseconds);
    this.#ofStock?.hurry(milliseconds);
  }

  /** Lets go of the supergraph: what is planned then has it loaded again. */
  release(): void {
    this.operations.release();
    this.#ofStock?.release();
  }

  /**
   * Mends a plan: one that `operations` has made.
   *
   * @throws PlanningError where it asks for a field without what that field needs, or before that is there
   */
  mend(plan: QueryPlan): QueryPlan {
    if (this.#hasNestedRequirements) checkRequirements(plan, this.#splitting);
    const ofOneType = splitSentTypes(plan, this.#splitting);
    const split = splitFetches(ofOneType, this.#splitting);
    if (this.#hasRequirements) checkOrder(split);
    return this.#separated === null ? split : withAliasedFields(split, this.#separated);
  }

  /** Says in words for the client why an operation could not be planned, where that is known; else gives the failure back. */
  explain(document: DocumentNode, failure: unknown): unknown {
    if (!this.#hasNestedRequirements || failure instanceof PlanningError) return failure;
    return unplannableField(document, this.#splitting) ?? failure;
  }
}

function createPlanner({ sdl }: SeparatedSupergraph, { config }: ApolloInternals): LocalPlanner {
  const supergraph = Supergraph.build(sdl, { validateSupergraph: false });
  const queryPlanner = new QueryPlanner(supergraph, config.queryPlannerConfig);
  preferResolvableKeys(queryPlanner);
  return { queryPlanner, apiSchema: supergraph.apiSchema() };
}

function schemaOf({ sdl }: SeparatedSupergraph) {
  const trusted = { assumeValid: true, assumeValidSDL: true };
  return buildASTSchema(parse(sdl, { noLocation: true }), trusted);
}

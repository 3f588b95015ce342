import type { QueryPlannerConfig } from "@apollo/query-planner";

/** A supergraph that operations are planned for. */
export interface PlannerSource {
  /** Different from that of every other source of this process. */
  readonly id: number;
  readonly supergraphSdl: string;
  /** Without what cannot go from thread to thread. */
  readonly config: Omit<QueryPlannerConfig, "cache">;
  readonly recursiveSelectionsLimitDisabled: boolean;
  readonly nonLocalSelectionsLimitDisabled: boolean;
}

/** An operation to plan. */
export interface PlanTask {
  /** The document's text. */
  readonly document: string;
  readonly operationName: string | undefined;
  readonly overrideLabels?: readonly string[] | undefined;
}

/** What a planning thread is told. */
export type ToThread =
  | { readonly kind: "load"; readonly source: PlannerSource }
  | { readonly kind: "release"; readonly id: number }
  | {
      readonly kind: "plan";
      readonly job: number;
      readonly id: number;
      readonly task: PlanTask;
      readonly maxPlanLength: number;
    };

/** What it tells; `began` where the supergraph is loaded and planning begins. */
export type FromThread =
  | { readonly kind: "began"; readonly job: number }
  | { readonly kind: "planned"; readonly job: number; readonly plan: string }
  | { readonly kind: "tooLong"; readonly job: number; readonly length: number }
  | { readonly kind: "failed"; readonly job: number; readonly failure: PlanFailure };

/** An error of the planner, as far as it goes from thread to thread. */
export interface PlanFailure {
  readonly message: string;
  readonly stack: string | undefined;
  /** Null for an error that is no GraphQLError. */
  readonly extensions: Readonly<Record<string, unknown>> | null;
}

import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { Finding, Place, Sent } from "../result/finding.ts";
import type { StepName } from "../result/step-name.ts";
import type { ParsedSubgraph } from "./parse-subgraphs.ts";

/** An operation that clients are known to send. */
export interface KnownOperation {
  /** Its name; the file's where it is anonymous. */
  name: string;
  place: Place;
  definition: OperationDefinitionNode;
  /** The operation with the fragments that it uses, and nothing else. */
  document: DocumentNode;
  /** The set of operations, by its name in the configuration. */
  set: string;
  /** Whether the configuration declares that clients send no other operations than those of complete sets. */
  complete: boolean;
  /** Where a gateway has counted it. */
  sent?: Sent;
}

/** One of the two states of the repository that are compared. */
export interface Side {
  which: "base" | "head";
  /** Every subgraph; in the order of the configuration. */
  subgraphs: ParsedSubgraph[];
  /** Supergraph SDL (Federation 2), and the API schema that clients see, both from the composer. */
  supergraph: string;
  api: GraphQLSchema;
}

/** How much worse an operation may get before it is a finding. */
export interface Thresholds {
  /** How many more there may be than before. */
  plan: { fetches: number; depth: number; sequential: number };
  /** How many times as much as before an operation may cost (1.5: half as much again). */
  cost: { factor: number };
}

/** What every step but `compose` is given: two schemas that compose, and what is known about those who use them. */
export interface StepContext {
  base: Side;
  head: Side;
  /** The head's operations: those that the change leaves as known. */
  operations: KnownOperation[];
  thresholds: Thresholds;
  /** Restricts findings to these subgraphs, where `--subgraph` was given; null for all. */
  subgraphs: ReadonlySet<string> | null;
}

/** What a step gives back. Findings carry `step`, `kind`, `coordinate`, `before`, `after` as far as there are any. */
export interface StepOutput {
  findings: Finding[];
  /** Where there was nothing to look at, or no way to look. `done` if left out. */
  outcome?: "done" | "skipped" | "unchecked";
  reason?: string;
}

/** A step of `schema check`. It is pure: it reads no file, no clock and no environment. */
export interface Step {
  name: StepName;
  run(context: StepContext): StepOutput | Promise<StepOutput>;
}

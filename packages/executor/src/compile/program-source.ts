import type { QueryPlan } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import type { Conditions, Operation } from "./operation.ts";

/** What a program is made of. */
export interface ProgramSource {
  readonly operation: Operation;
  readonly plan: QueryPlan;
  /** The schema of all subgraphs together, with what clients do not see. */
  readonly supergraphSchema: GraphQLSchema;
  readonly conditions: Conditions;
  /** How often the program runs before code is generated for it. */
  readonly fastAfterRuns: number;
  /** Told the length of the generated code, in characters, and how long that took. */
  readonly onGenerated: (characters: number, milliseconds: number) => void;
}

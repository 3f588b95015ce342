import { Supergraph, operationFromDocument } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { print } from "graphql";
import type { KnownOperation } from "../step.ts";
import { type PlanMetrics, measurePlan } from "./metrics.ts";

/**
 * Plans operations against one supergraph, with the planner that the gateway uses and its defaults.
 *
 * @returns a function that measures the plan of an operation which is valid there, or says why there is no plan
 */
export function createPlanner(supergraphSdl: string): (operation: KnownOperation) => PlanMetrics | string {
  // Features for security are the gateway's, which takes them out before it plans; the composer made the rest, so it is valid.
  const options = { supportedFeatures: null, validateSupergraph: false };
  const supergraph = Supergraph.build(supergraphSdl, options);
  const schema = supergraph.apiSchema();
  const planner = new QueryPlanner(supergraph);
  return ({ document, definition }) => {
    const name = definition.name?.value;
    try {
      const operation = operationFromDocument(
        schema,
        document,
        name === undefined ? {} : { operationName: name },
      );
      return measurePlan(planner.buildQueryPlan(operation));
    } catch (error) {
      return error instanceof Error ? error.message : `${print(definition)} cannot be planned`;
    }
  };
}

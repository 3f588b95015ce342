import {
  type InterfaceType,
  isInterfaceType,
  isObjectType,
  type ObjectType,
  type Schema,
} from "@apollo/federation-internals";
import type { QueryPlanner } from "@apollo/query-planner";
import { correctFetchMerging } from "./fetch-merging.ts";
import { collectEachValueOnce } from "./value-variables.ts";

// Wherever a planner is used, this is.
collectEachValueOnce();
correctFetchMerging();

/**
 * Lets a planner ask for entities by keys that can be resolved.
 *
 * Where a plan comes back to a subgraph with what a `@requires` field needs, `@apollo/query-planner` 2.14 takes the
 * first of the subgraph's keys to ask for the entity, `@key(fields: "id", resolvable: false)` included. With those
 * behind the others, it comes to them only where there is no other.
 *
 * @throws Error where the planner holds no query graph, as it would be with another version
 */
export function preferResolvableKeys(planner: QueryPlanner): void {
  const { federatedQueryGraph: graph } = planner as unknown as {
    readonly federatedQueryGraph?: { readonly sources: ReadonlyMap<string, Schema> };
  };
  if (graph === undefined)
    throw new Error("This version of @apollo/query-planner has no federatedQueryGraph.");
  for (const schema of graph.sources.values()) {
    for (const type of schema.types()) if (isObjectType(type) || isInterfaceType(type)) moveBehind(type);
  }
}

function moveBehind(type: InterfaceType | ObjectType): void {
  const keys = type.appliedDirectives.filter(({ name }) => name === "key");
  const unresolvable = keys.filter((key) => key.arguments().resolvable === false);
  if (unresolvable.length === keys.length) return;
  for (const key of unresolvable) {
    const args = { ...key.arguments() };
    key.remove();
    type.applyDirective("key", args);
  }
}

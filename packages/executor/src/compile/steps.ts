import type { FetchNode, PlanNode } from "@apollo/query-planner";
import { OperationTypeNode } from "graphql";
import type { PlanPath } from "../run/places.ts";
import { type RequestBody, writeRequestBody } from "./request-body.ts";
import type { ProgramSource } from "./program-source.ts";
import { compileRepresentation, type WriteRepresentation } from "./representation.ts";
import { interfaceObjectsOf } from "./interface-objects.ts";
import { withDeclaredVariables } from "./declared-variables.ts";
import { withNeededInputs } from "./needed-inputs.ts";
import { compileRewrites, type Rewrite } from "./rewrites.ts";

/** What is to be done, and in which order. */
export type Step =
  | { readonly kind: "sequence"; readonly steps: readonly Step[] }
  | { readonly kind: "parallel"; readonly steps: readonly Step[] }
  | FetchStep;

/** One call of one subgraph. */
export interface FetchStep {
  readonly kind: "fetch";
  readonly node: FetchNode;
  /** Where the entities are, or the object that the answer belongs to. */
  readonly path: PlanPath;
  readonly writeBody: RequestBody;
  /** Null for a fetch that is not of entities. */
  readonly representation: WriteRepresentation | null;
  readonly rewriteOutput: Rewrite | null;
  /** Whether the same object may be given to all entities with one representation. */
  readonly shareable: boolean;
  /** Interfaces by which some subgraph knows objects whose type it does not know; null where there are none. */
  readonly interfaceObjects: ReadonlySet<string> | null;
  /** Set where another fetch of the program selects the same of the same subgraph; the same for both. */
  reuseKey: string | null;
}

/** Compiles a plan with its condition nodes resolved. Null where nothing is left to do. */
export function compilePlan(source: ProgramSource): Step | null {
  const { node } = source.plan;
  if (node?.kind === "Subscription") throw new Error("Execution of subscriptions not supported by gateway");
  const fetches: FetchStep[] = [];
  const step = node === undefined ? null : compileNode(node, [], { source, fetches });
  markReuse(fetches, source.operation.operation.operation === OperationTypeNode.MUTATION);
  return step;
}

interface Compiling {
  readonly source: ProgramSource;
  readonly fetches: FetchStep[];
}

function compileNode(node: PlanNode, path: PlanPath, all: Compiling): Step | null {
  switch (node.kind) {
    case "Sequence":
      return group("sequence", node.nodes, { path, all });
    case "Parallel":
      return group("parallel", node.nodes, { path, all });
    case "Flatten":
      return compileNode(node.node, [...path, ...node.path.map(String)], all);
    case "Condition": {
      const branch = all.source.conditions[node.condition] === true ? node.ifClause : node.elseClause;
      return branch === undefined ? null : compileNode(branch, path, all);
    }
    case "Fetch": {
      const fetch = compileFetch(node, path, all.source);
      all.fetches.push(fetch);
      return fetch;
    }
    case "Defer":
      throw new Error("@defer support is not available in the gateway");
  }
}

function group(
  kind: "sequence" | "parallel",
  nodes: readonly PlanNode[],
  { path, all }: { path: PlanPath; all: Compiling },
): Step | null {
  const steps = nodes.flatMap((node) => compileNode(node, path, all) ?? []);
  return steps.length > 1 ? { kind, steps } : (steps[0] ?? null);
}

function compileFetch(planned: FetchNode, path: PlanPath, source: ProgramSource): FetchStep {
  const needed = withNeededInputs(planned, source);
  const node = withDeclaredVariables(needed, source.operation.operation.variableDefinitions);
  const rewriteOutput = compileRewrites(source.supergraphSchema, node.outputRewrites);
  return {
    kind: "fetch",
    node,
    path,
    writeBody: writeRequestBody(node),
    representation: compileRepresentation(source.supergraphSchema, node),
    rewriteOutput,
    // Rewritten representations are equal for entities of different types, whose answers may be rewritten differently.
    shareable: rewriteOutput === null || (node.inputRewrites ?? []).length === 0,
    interfaceObjects: interfaceObjectsOf(source.supergraphSchema),
    reuseKey: null,
  };
}

/** What was fetched below one field of a mutation may be something else after the next one. */
function markReuse(fetches: readonly FetchStep[], isMutation: boolean): void {
  const queries = fetches.filter(
    ({ node, representation }) => representation !== null && node.operationKind === OperationTypeNode.QUERY,
  );
  const keys = Map.groupBy(queries, ({ node, path }) =>
    JSON.stringify([
      node.serviceName,
      withoutName(node),
      node.outputRewrites,
      ...(isMutation ? [path[0]] : []),
    ]),
  );
  for (const [key, steps] of keys) if (steps.length > 1) for (const step of steps) step.reuseKey = key;
}

/** The planner numbers the operations that it makes of a named one. */
function withoutName({ operation, operationName, operationKind }: FetchNode): string {
  const head = `${operationKind} ${operationName ?? ""}`;
  return operationName !== undefined && operation.startsWith(head)
    ? operationKind + operation.slice(head.length)
    : operation;
}

/** All fetches of a step, in order. */
export function fetchesOf(step: Step | null): readonly FetchStep[] {
  if (step === null) return [];
  return step.kind === "fetch" ? [step] : step.steps.flatMap(fetchesOf);
}

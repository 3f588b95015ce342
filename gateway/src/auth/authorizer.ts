import { createHash } from "node:crypto";
import { unauthorizedField } from "@tributary/subgraph-kit/errors";
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  print,
} from "graphql";
import { type FilteredOperation, filterOperation } from "./operation-filter.ts";
import { createPermissionSource, type Permissions, type Subject } from "./permissions.ts";
import { type Path, restore } from "./restore.ts";
import type { Policies } from "./policies.ts";
import type { Requirements } from "./requirements.ts";

/** One operation to run, valid for the schema. */
export interface AuthorizedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Null where nobody is signed in. */
  readonly subject: Subject | null;
}

/** What is run in place of the client's operation. */
export interface Rewritten {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Names the rewritten document in caches of plans. */
  readonly hash: string;
}

export interface AuthorizedResult {
  readonly data?: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
}

/** Runs operations so that callers see only what they may. */
export interface Authorizer {
  /** Whether the caller may see all of an operation, so that it can be run as it is. */
  allows(operation: AuthorizedOperation): boolean;
  /**
   * @param run runs an operation; null stands for the client's own, unchanged. Not called where nothing is left of it.
   */
  run(
    operation: AuthorizedOperation,
    run: (rewritten: Rewritten | null) => Promise<AuthorizedResult>,
  ): Promise<AuthorizedResult>;
}

/** How many denied places of one answer get an error of their own; the last one says how many more there are. */
export const deniedErrorLimit = 100;

const nothingToRun: AuthorizedResult = { data: {} };

interface Prepared extends FilteredOperation {
  readonly rewritten: Rewritten | null;
}

/** Makes the authorizer of one supergraph. */
export function createAuthorizer(
  schema: GraphQLSchema,
  requirements: Requirements,
  policies: Policies,
): Authorizer {
  const permissionsOf = createPermissionSource(schema, requirements, policies);
  const cache = new WeakMap<OperationDefinitionNode, Map<string, Prepared>>();

  const prepare = (input: AuthorizedOperation, permissions: Permissions): Prepared => {
    const { document, operation } = input;
    const byKey = cache.get(operation) ?? new Map<string, Prepared>();
    cache.set(operation, byKey);
    const known = byKey.get(permissions.key);
    if (known !== undefined) return known;
    const filtered = filterOperation(schema, input, permissions);
    const prepared = { ...filtered, rewritten: rewrite(filtered, document) };
    if (byKey.size < 64) byKey.set(permissions.key, prepared);
    return prepared;
  };

  return {
    allows(input) {
      const permissions = permissionsOf(input.subject);
      return permissions.everything || prepare(input, permissions).document === input.document;
    },
    async run(input, run) {
      const permissions = permissionsOf(input.subject);
      if (permissions.everything) return run(null);
      const prepared = prepare(input, permissions);
      if (prepared.document === input.document) return run(null);

      const { coerced, errors } = getVariableValues(
        schema,
        input.operation.variableDefinitions ?? [],
        input.variables,
      );
      if (errors !== undefined) return { errors };
      const result = prepared.rewritten === null ? nothingToRun : await run(prepared.rewritten);
      if (result.data === undefined || result.data === null) return result;

      const denied = collectDenied();
      const data = restore(result.data, {
        schema,
        rootType: schema.getRootType(input.operation.operation)!,
        selectionSet: input.operation.selectionSet,
        fragments: fragmentsOf(input.document),
        variables: coerced,
        denied: prepared.denied,
        mayUseType: permissions.mayUseType,
        onDenied: denied.add,
      });
      const all = [...(result.errors ?? []), ...denied.errors()];
      return { ...result, data, ...(all.length > 0 ? { errors: all } : {}) };
    },
  };
}

function rewrite({ document }: FilteredOperation, original: DocumentNode): Rewritten | null {
  if (document === null || document === original) return null;
  return {
    document,
    operation: document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)!,
    hash: createHash("sha256").update(print(document)).digest("hex"),
  };
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
}

function collectDenied() {
  const places: Path[] = [];
  let omitted = 0;
  return {
    add: (path: Path) => void (places.length < deniedErrorLimit ? places.push(path) : omitted++),
    errors: () => {
      const errors = places.map(unauthorizedField);
      if (omitted > 0) errors.at(-1)!.extensions["omitted"] = omitted;
      return errors;
    },
  };
}

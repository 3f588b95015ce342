import type { ApolloServerPlugin, BaseContext } from "@apollo/server";
import {
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from "graphql";
import { type FrontPlugin, nothing } from "./front-plugin.ts";

/** An operation that Apollo Server has parsed and found valid. */
export interface KnownOperation {
  /** What it is valid for. */
  readonly schema: GraphQLSchema;
  readonly source: string;
  readonly queryHash: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The operation's own name, or null. */
  readonly name: string | null;
  readonly isQuery: boolean;
}

/** What a request says of the operation that it wants. */
export interface OperationRequest {
  readonly query: string | undefined;
  readonly operationName: string | undefined;
  /** SHA-256 of a persisted query, which stands in for its text. */
  readonly persistedHash: string | undefined;
}

export interface KnownOperations {
  /** The operation that a request wants, where it is known and valid for the schema that is served. */
  find(request: OperationRequest): KnownOperation | undefined;
  /** Learns operations from what goes through Apollo Server. */
  readonly plugin: FrontPlugin<BaseContext>;
}

interface Entry {
  /** By the name that requests give, or "". */
  readonly operations: Map<string, KnownOperation>;
  readonly size: number;
}

export interface KnownOperationsOptions {
  /** The schema that is served now. */
  readonly schema: () => GraphQLSchema;
  /** Bound for the texts of the operations that are kept, in characters. @default 2 million */
  readonly limitCharacters?: number;
}

/**
 * Keeps the operations that Apollo Server has validated, as long as the schema is served that they were validated for.
 * A persisted query is found by its hash where Apollo Server itself has taken it as one.
 */
export function createKnownOperations(options: KnownOperationsOptions): KnownOperations {
  const { limitCharacters = 2_000_000 } = options;
  let schema: GraphQLSchema | null = null;
  // Two generations: what is used moves to the young one, and the old one is dropped when the young one is half full.
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  let characters = 0;

  const add = (key: string, entry: Entry) => {
    young.set(key, entry);
    characters += entry.size;
    if (characters <= limitCharacters / 2) return;
    old = young;
    young = new Map();
    characters = 0;
  };
  const entryOf = (key: string): Entry | undefined => {
    const found = young.get(key);
    if (found !== undefined) return found;
    const aged = old.get(key);
    if (aged !== undefined) add(key, aged);
    return aged;
  };
  const learn = (key: string, requestedName: string, known: KnownOperation) => {
    let entry = entryOf(key);
    if (entry === undefined) {
      // A document takes some twenty times its text in memory; Apollo Server keeps it, too.
      entry = { operations: new Map(), size: known.source.length };
      add(key, entry);
    }
    entry.operations.set(requestedName, known);
  };
  /** Lets go of another schema's operations, and of that schema with them. */
  const isCurrent = (): boolean => {
    const current = options.schema();
    if (schema === current) return true;
    schema = current;
    young = new Map();
    old = new Map();
    characters = 0;
    return false;
  };

  const plugin: ApolloServerPlugin = {
    async requestDidStart() {
      return {
        async didResolveOperation({ request, document, operationName, ...context }) {
          isCurrent();
          // There is none where the document has no operation of that name.
          const operation = context.operation;
          if (context.schema !== schema || operation === undefined) return;
          const { QUERY, SUBSCRIPTION } = OperationTypeNode;
          if (operation.operation === SUBSCRIPTION) return;
          const known: KnownOperation = {
            schema,
            source: context.source,
            queryHash: context.queryHash,
            document,
            operation,
            name: operationName,
            isQuery: operation.operation === QUERY,
          };
          const { persistedQueryHit, persistedQueryRegister } = context.metrics;
          const isPersisted = persistedQueryHit === true || persistedQueryRegister === true;
          learn(
            isPersisted ? persistedKey(known.queryHash) : known.source,
            request.operationName ?? "",
            known,
          );
        },
      };
    },
  };

  return {
    find({ query, operationName = "", persistedHash }) {
      if (!isCurrent()) return undefined;
      const key = query ?? (persistedHash === undefined ? undefined : persistedKey(persistedHash));
      return key === undefined ? undefined : entryOf(key)?.operations.get(operationName);
    },
    plugin: { plugin, onShortAnswer: nothing },
  };
}

/** No operation's text begins so. */
function persistedKey(hash: string): string {
  return `sha256:${hash}`;
}

import type { ApolloServerOptions } from "@apollo/server";
import type { GraphQLSchema } from "graphql";
import type { Engine, Execute } from "./engine.ts";

type Gateway = NonNullable<ApolloServerOptions<object>["gateway"]>;
type SchemaListener = Parameters<Gateway["onSchemaLoadOrUpdate"]>[0];

/** What Apollo Server takes as its gateway. */
export interface ServerGateway {
  readonly gateway: Gateway;
  /** What clients see now. */
  readonly schema: GraphQLSchema;
  /** Runs an operation on the engine whose schema it was validated against. */
  readonly execute: Execute;
  /** Serves another engine from now on; operations already validated run on the engine that they were validated for. */
  swap(engine: Engine): void;
}

/**
 * Joins engines to Apollo Server. An operation runs on the engine whose schema it was validated against, which Apollo
 * Server hands along: a swap between the two steps cannot mix them.
 *
 * @param first the engine to begin with
 * @param executorOf makes what runs an engine's operations
 */
export function createServerGateway(first: Engine, executorOf: (engine: Engine) => Execute): ServerGateway {
  const listeners = new Set<SchemaListener>();
  const executors = new WeakMap<GraphQLSchema, Execute>();
  let current = first;

  const announce = (listener: SchemaListener) =>
    listener({ apiSchema: current.schema, coreSupergraphSdl: "" });

  const execute: Execute = (request) => {
    const executor = executors.get(request.schema);
    if (executor === undefined) throw new Error("No engine for this schema.");
    return executor(request);
  };

  executors.set(first.schema, executorOf(first));
  return {
    execute,
    get schema() {
      return current.schema;
    },
    gateway: {
      load: async () => {
        listeners.forEach(announce);
        return { executor: execute };
      },
      onSchemaLoadOrUpdate: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      // The holder stops its engines.
      stop: async () => {},
    },
    swap(engine) {
      executors.set(engine.schema, executorOf(engine));
      current = engine;
      listeners.forEach(announce);
    },
  };
}

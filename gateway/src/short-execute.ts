import type { ShortcutOptions } from "./http/shortcut.ts";
import type { RequestContext } from "./request-context.ts";
import type { Execute, ExecutionRequest } from "./supergraph/engine.ts";

/** Makes what runs operations that do not come through Apollo Server, as if they did. */
export function createShortExecute(execute: Execute): ShortcutOptions<RequestContext>["execute"] {
  return ({ operation: known, request }, context) => {
    const { schema, source, queryHash, document, operation, name } = known;
    const { query, operationName, variables, extensions } = request;
    return execute({
      request: { query, operationName, variables, extensions },
      schema,
      source,
      queryHash,
      document,
      operation,
      operationName: name,
      context,
      metrics: {},
      debug: false,
    } as unknown as ExecutionRequest);
  };
}

import type { ApolloServerPlugin, BaseContext } from "@apollo/server";
import type { OperationDefinitionNode } from "graphql";

/** An answer that was given without Apollo Server: HTTP 200, with data and without errors. */
export interface ShortAnswer<Context> {
  readonly context: Context;
  readonly operation: OperationDefinitionNode;
  /** The operation's own name, or null. */
  readonly operationName: string | null;
  /** The id of the request whose answer this one shares, or null. */
  readonly sharedWith: string | null;
}

/**
 * A plugin of Apollo Server's, with what stands in for it where a request is answered without Apollo Server.
 *
 * Such requests are those for operations that Apollo Server has seen before and that come to data without errors; all
 * others pass through all of its hooks.
 */
export interface FrontPlugin<Context extends BaseContext> {
  readonly plugin: ApolloServerPlugin<Context>;
  /** Null where the plugin has to see every request: then all of them go through Apollo Server. */
  readonly onShortAnswer: ((answer: ShortAnswer<Context>) => void) | null;
}

/**
 * What stands in for all of some plugins together; null where one of them has to see every request.
 */
export function shortAnswerListener<Context extends BaseContext>(
  plugins: readonly FrontPlugin<Context>[],
): ((answer: ShortAnswer<Context>) => void) | null {
  const listeners: ((answer: ShortAnswer<Context>) => void)[] = [];
  for (const { onShortAnswer } of plugins) {
    if (onShortAnswer === null) return null;
    if (onShortAnswer !== nothing) listeners.push(onShortAnswer);
  }
  return (answer) => {
    for (const listener of listeners) listener(answer);
  };
}

/** For plugins that have nothing to do with an answer that has no errors. */
export const nothing = (): void => {};

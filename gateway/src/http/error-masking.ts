import type { ApolloServerPlugin } from "@apollo/server";
import { codeOf, internalServerError, isCodedError, isErrorCode } from "@tributary/subgraph-kit/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { type FrontPlugin, nothing } from "./front-plugin.ts";

/** graphql-js says so when a document has more tokens than it may have. */
const tooManyTokens = /Document contains more that? \d+ tokens/;

/**
 * What a client sees of an error: errors made on purpose as they are, Apollo Server's own about the client's request
 * likewise, whether they have a code or a status alone; anything else becomes INTERNAL_SERVER_ERROR.
 */
export function maskError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const limit = limitErrorIn(error);
  if (limit !== undefined) return { message: limit, extensions: { code: "QUERY_TOO_LARGE" } };
  if (isCodedError(error)) return formatted;
  const code = formatted.extensions?.["code"];
  if (isErrorCode(code) && code !== "INTERNAL_SERVER_ERROR") return formatted;
  if (isAboutTheRequest(error)) return { ...formatted, extensions: { code: "BAD_REQUEST" } };
  return {
    message: "Internal server error",
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
    extensions: { code: "INTERNAL_SERVER_ERROR" },
  };
}

/** Apollo Server gives some refusals, as of persisted queries, a status and no code of their own. */
function isAboutTheRequest(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return false;
  const { status } = (error.extensions["http"] ?? {}) as { readonly status?: number };
  return status !== undefined && status >= 400 && status < 500;
}

/** Apollo Server gives errors of parsing and validation its own codes; those about limits keep theirs. */
function limitErrorIn(error: unknown): string | undefined {
  if (!(error instanceof GraphQLError)) return undefined;
  if (tooManyTokens.test(error.message))
    return error.message.replace("Syntax Error: ", "").replace("more that", "more than");
  const inner = error.originalError;
  return inner instanceof GraphQLError && codeOf(inner) === "QUERY_TOO_LARGE" ? inner.message : undefined;
}

/** What went wrong unforeseen, for the log. */
export type UnforeseenErrorListener = (error: Error, request: { readonly requestId: string }) => void;

/** Tells of unforeseen errors with their stacks, and gives the client the id that the log has them under. */
export function createUnforeseenErrorPlugin(
  onUnforeseen: UnforeseenErrorListener,
): FrontPlugin<{ readonly requestId: string }> {
  const plugin: ApolloServerPlugin<{ readonly requestId: string }> = {
    async requestDidStart({ contextValue }) {
      return {
        async didEncounterErrors({ errors }) {
          for (const error of errors) {
            if (isCodedError(error) || limitErrorIn(error) !== undefined || isAboutTheRequest(error))
              continue;
            if (codeOf(error) === "INTERNAL_SERVER_ERROR")
              onUnforeseen(error.originalError ?? error, contextValue);
          }
        },
        async willSendResponse({ response }) {
          if (response.body.kind !== "single") return;
          for (const error of response.body.singleResult.errors ?? []) {
            // Services have codes of their own, which pass: it is this very code that is looked for.
            const { code, requestId } = error.extensions ?? {};
            if (code !== "INTERNAL_SERVER_ERROR" || requestId !== undefined) continue;
            Object.assign(error, internalServerError(contextValue.requestId, error.path).toJSON());
          }
        },
      };
    },
  };
  return { plugin, onShortAnswer: nothing };
}

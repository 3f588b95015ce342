import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerPlugin,
  type BaseContext,
} from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginLandingPageLocalDefault } from "@apollo/server/plugin/landingPage/default";
import { stringifyResult } from "@tributary/executor";
import type { ValidationRule } from "graphql";
import { maskError } from "./error-masking.ts";

export interface GatewayApolloOptions<Context extends BaseContext> {
  readonly gateway: NonNullable<ApolloServerOptions<BaseContext>["gateway"]>;
  readonly introspection: boolean;
  /** Whether browsers that open the endpoint get Apollo Sandbox. */
  readonly landingPage: boolean;
  /** Most lexical tokens in a document. */
  readonly maxTokens: number;
  readonly validationRules: readonly ValidationRule[];
  readonly plugins: readonly ApolloServerPlugin<Context>[];
  readonly logger: NonNullable<ApolloServerOptions<BaseContext>["logger"]>;
}

/** Makes the Apollo Server in front of the supergraph: parsing, validation, CSRF prevention, the landing page. */
export function createApolloServer<Context extends BaseContext>(
  options: GatewayApolloOptions<Context>,
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    gateway: options.gateway,
    introspection: options.introspection,
    parseOptions: { maxTokens: options.maxTokens },
    validationRules: [...options.validationRules],
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    // The names of a schema that cannot be read are not to be guessed from suggestions either.
    hideSchemaDetailsFromClientErrors: !options.introspection,
    stopOnTerminationSignals: false,
    logger: options.logger,
    formatError: maskError,
    stringifyResult,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      options.landingPage
        ? ApolloServerPluginLandingPageLocalDefault({ embed: { runTelemetry: false }, includeCookies: false })
        : ApolloServerPluginLandingPageDisabled(),
      ...options.plugins,
    ],
  });
}

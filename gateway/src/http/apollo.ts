import { ApolloServer, type ApolloServerOptions, type BaseContext } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { ApolloServerPluginLandingPageLocalDefault } from "@apollo/server/plugin/landingPage/default";
import { stringifyResult } from "@tributary/executor";
import type { ValidationRule } from "graphql";
import { maskError } from "./error-masking.ts";
import { type FrontPlugin, nothing, type ShortAnswer, shortAnswerListener } from "./front-plugin.ts";

export interface GatewayApolloOptions<Context extends BaseContext> {
  readonly gateway: NonNullable<ApolloServerOptions<BaseContext>["gateway"]>;
  readonly introspection: boolean;
  /** Whether browsers that open the endpoint get Apollo Sandbox. */
  readonly landingPage: boolean;
  /** Most lexical tokens in a document. */
  readonly maxTokens: number;
  readonly validationRules: readonly ValidationRule[];
  readonly plugins: readonly FrontPlugin<Context>[];
  readonly logger: NonNullable<ApolloServerOptions<BaseContext>["logger"]>;
}

/** Apollo Server, and what its plugins do about answers that are given without it. */
export interface FrontApollo<Context extends BaseContext> {
  readonly apollo: ApolloServer<Context>;
  /** Null where a plugin has to see every request. */
  readonly onShortAnswer: ((answer: ShortAnswer<Context>) => void) | null;
}

/** Makes the Apollo Server in front of the supergraph: parsing, validation, CSRF prevention, the landing page. */
export function createApolloServer<Context extends BaseContext>(
  options: GatewayApolloOptions<Context>,
): FrontApollo<Context> {
  const { landingPage } = options;
  // This is the one list of plugins. Each entry says what is to happen where a request does not come by.
  const plugins: readonly FrontPlugin<Context>[] = [
    { plugin: ApolloServerPluginCacheControlDisabled(), onShortAnswer: nothing },
    { plugin: ApolloServerPluginUsageReportingDisabled(), onShortAnswer: nothing },
    {
      plugin: landingPage
        ? ApolloServerPluginLandingPageLocalDefault({ embed: { runTelemetry: false }, includeCookies: false })
        : ApolloServerPluginLandingPageDisabled(),
      onShortAnswer: nothing,
    },
    ...options.plugins,
  ];
  const apollo = new ApolloServer<Context>({
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
    plugins: plugins.map(({ plugin }) => plugin),
  });
  return { apollo, onShortAnswer: shortAnswerListener(plugins) };
}

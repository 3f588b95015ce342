import type { AddressInfo } from "node:net";
import { createHttpTransport } from "@tributary/executor";
import { createIdentityIssuer, createTokenVerifier } from "@tributary/subgraph-kit/identity";
import { createAuthenticator } from "./auth/authenticator.ts";
import { createAuthorizer } from "./auth/authorizer.ts";
import { requireEnforcement } from "./auth/enforcement.ts";
import { readPolicies } from "./auth/policies.ts";
import { enforcedFeatures } from "./auth/requirements.ts";
import type { GatewayConfig } from "./config.ts";
import { readConfigFiles } from "./config-files.ts";
import { createApolloServer } from "./http/apollo.ts";
import { createUnforeseenErrorPlugin, type UnforeseenErrorListener } from "./http/error-masking.ts";
import { createKnownOperations } from "./http/known-operations.ts";
import { createServer } from "./http/server.ts";
import { createLimitRules } from "./limits/limit-rules.ts";
import { readIdentityKey } from "./auth/identity-key.ts";
import { createOperationPipeline } from "./operation-pipeline.ts";
import { createShortExecute } from "./short-execute.ts";
import { createContextSource, type RequestContext } from "./request-context.ts";
import { createDataSource } from "./subgraphs/data-source.ts";
import { createSubgraphRoutes } from "./subgraphs/subgraph-routes.ts";
import { createEngine, type Engine } from "./supergraph/engine.ts";
import { directiveNames } from "./supergraph/features.ts";
import { watchFile } from "./supergraph/file-watch.ts";
import { createSupergraphHolder } from "./supergraph/holder.ts";
import { createServerGateway } from "./supergraph/server-gateway.ts";
import { createAccessLog } from "./telemetry/access-log.ts";
import type { GatewayLogger } from "./telemetry/logger.ts";
import { requestIdOf } from "./telemetry/request-id.ts";
import { openUsageFile } from "./usage/usage-file.ts";

/** A gateway that listens. */
export interface RunningGateway {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no new requests, finishes those that run, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Puts the gateway together and listens.
 *
 * @throws ConfigError, PoliciesError, EnforcementError, RequirementError, SupergraphError, UsageFileError: what to mend,
 *   in words for whoever runs the gateway; a system error (`EADDRINUSE`) where the port cannot be had
 */
export async function startGateway(config: GatewayConfig, logger: GatewayLogger): Promise<RunningGateway> {
  const files = await readConfigFiles(config);
  const policies = readPolicies(files.policies);
  const onUnforeseen: UnforeseenErrorListener = (err, { requestId }) =>
    logger.error({ err, requestId }, "unforeseen error");

  const issuer =
    config.authentication === null
      ? null
      : await createIdentityIssuer(
          files.identityKey === null ? {} : { privateKey: readIdentityKey(files.identityKey) },
        );
  const identity =
    config.authentication === null || issuer === null
      ? null
      : {
          issuer,
          authenticate: createAuthenticator({
            verify: createTokenVerifier(config.authentication),
            onKeysUnavailable: (err) => logger.error({ err }, "the issuer's keys cannot be read"),
          }),
        };

  // How long a call may take is the data sources' concern: it is the whole of it that counts.
  const transport = createHttpTransport({
    connections: 128,
    connectTimeout: config.subgraphTimeoutMilliseconds,
    headersTimeout: 0,
    bodyTimeout: 0,
    responseLimitBytes: config.subgraphResponseLimitBytes,
  });
  const routeOf = createSubgraphRoutes(config.subgraphUrls);
  const enforce = (supergraph: Engine["supergraph"]) =>
    requireEnforcement(supergraph, directiveNames(supergraph, enforcedFeatures), {
      identifiesCallers: identity !== null,
      policies,
    });

  const holder = await createSupergraphHolder(files.supergraph, {
    createEngine: (sdl) =>
      createEngine(sdl, {
        enforcedFeatures: new Set(Object.values(enforcedFeatures)),
        check: enforce,
        createDataSource: ({ name, url }) =>
          createDataSource({
            service: name,
            url: routeOf(name, url),
            transport,
            timeoutMilliseconds: config.subgraphTimeoutMilliseconds,
            onTrouble: (trouble) => logger.warn(trouble, "subgraph trouble"),
          }),
        onPlan: (context, resolved) => void ((context as RequestContext).resolved = resolved),
        logger: logger.child({}, { level: "error" }),
      }),
    onSwap: (engine) => {
      serverGateway.swap(engine);
      logger.info({ supergraph: engine.hash }, "supergraph swapped");
    },
    onRefusal: (hash, reason) =>
      logger.error(
        { supergraph: hash, kept: holder.current.hash, reason: reason.message },
        "supergraph refused",
      ),
  });
  const usage =
    config.usageFile === null
      ? null
      : await openUsageFile({
          file: config.usageFile,
          onError: (err) => logger.error({ err }, "the usage file cannot be written"),
        });
  const serverGateway = createServerGateway(holder.current, (engine) =>
    createOperationPipeline(
      engine,
      createAuthorizer(engine.schema, enforce(engine.supergraph), policies),
      usage?.count,
    ),
  );

  const operations = createKnownOperations({ schema: () => serverGateway.schema });
  const { apollo, onShortAnswer } = createApolloServer<RequestContext>({
    gateway: serverGateway.gateway,
    introspection: config.introspection,
    landingPage: config.explorer,
    maxTokens: config.maxTokens,
    validationRules: createLimitRules(config),
    plugins: [operations.plugin, createUnforeseenErrorPlugin(onUnforeseen), createAccessLog(logger)],
    logger: logger.child({}, { level: "error" }),
  });
  await apollo.start();

  const server = await createServer<RequestContext>({
    apollo,
    createContext: createContextSource({ identity, forwardHeaders: config.forwardHeaders }),
    shortcut:
      onShortAnswer === null
        ? null
        : {
            operations,
            execute: createShortExecute(serverGateway.execute),
            decisiveHeaders: ["authorization", ...config.forwardHeaders],
            onAnswer: onShortAnswer,
            onShared: ({ document, operation }, { client }) => usage?.count(document, operation, client),
          },
    requestIdOf,
    supergraph: () => ({ hash: holder.current.hash, refused: holder.refused }),
    jwks: issuer?.jwks ?? null,
    bodyLimitBytes: config.bodyLimitBytes,
    corsOrigins: config.corsOrigins,
    explorer: config.explorer ? { defaultQuery: files.explorerQuery } : undefined,
    onUnforeseen,
  });
  const unwatch = await watchFile({
    file: config.supergraph,
    onChange: (sdl) => void holder.offer(sdl),
    onError: (err) => logger.error({ err }, "the supergraph's file cannot be read"),
  });
  const stop = async () => {
    await unwatch();
    await server.close();
    await apollo.stop();
    await holder.stop();
    await transport.close();
    await usage?.stop();
  };
  try {
    await server.listen({ port: config.port, host: config.host });
  } catch (error) {
    await stop();
    throw error;
  }
  const { port } = server.server.address() as AddressInfo;
  return { url: `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`, stop };
}

import type { AddressInfo } from "node:net";
import { createHttpTransport, type UsedOperation } from "@tributary/executor";
import { createIdentityIssuer, createTokenVerifier, type KeySet } from "@tributary/subgraph-kit/identity";
import { createAuthenticator } from "./auth/authenticator.ts";
import { openIssuerKeys } from "./auth/issuer-keys.ts";
import { createAuthorizer } from "./auth/authorizer.ts";
import { requireEnforcement } from "./auth/enforcement.ts";
import { readPolicies } from "./auth/policies.ts";
import { enforcedFeatures } from "./auth/requirements.ts";
import type { GatewayConfig } from "./config.ts";
import { type ConfigFiles, readConfigFiles } from "./config-files.ts";
import { drain } from "./cluster/drain.ts";
import type { ClusterStatus } from "./cluster/messages.ts";
import { createApolloServer } from "./http/apollo.ts";
import { createUnforeseenErrorPlugin, type UnforeseenErrorListener } from "./http/error-masking.ts";
import { createKnownOperations } from "./http/known-operations.ts";
import { createResponseTypeCheck } from "./http/response-type.ts";
import { createServer } from "./http/server.ts";
import { createLimitRules } from "./limits/limit-rules.ts";
import { createRequestCheck } from "./limits/request-check.ts";
import { readIdentityKey } from "./auth/identity-key.ts";
import { createOperationPipeline } from "./operation-pipeline.ts";
import { createShortExecute } from "./short-execute.ts";
import { createContextSource, type RequestContext } from "./request-context.ts";
import { createDataSource } from "./subgraphs/data-source.ts";
import { createSubgraphRoutes } from "./subgraphs/subgraph-routes.ts";
import { createEngine, type Engine, type SupergraphEngine } from "./supergraph/engine.ts";
import { watchFile } from "./supergraph/file-watch.ts";
import { readLinkedDirectives } from "./supergraph/linked-directives.ts";
import { createSupergraphHolder, type SupergraphHolder } from "./supergraph/holder.ts";
import { createServerGateway } from "./supergraph/server-gateway.ts";
import { createAccessLog } from "./telemetry/access-log.ts";
import type { GatewayLogger } from "./telemetry/logger.ts";
import { startProgramLog } from "./telemetry/program-log.ts";
import { requestIdOf } from "./telemetry/request-id.ts";
import { openUsageFile } from "./usage/usage-file.ts";
import { createUsageRelay, type UsagePart } from "./usage/usage-relay.ts";
import { createWarmUp, operationsIn } from "./warm-up.ts";

/** How long plans may take once the gateway stops: requests that wait for them are waited for. */
const lastPlansMilliseconds = 2_000;

/** A gateway that listens. */
export interface RunningGateway {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** What it has learnt, with so many of the operations that it was asked for most. */
  known(operations: number): KnownToOthers;
  readonly supergraph: Pick<SupergraphHolder<SupergraphEngine>, "current" | "prepare" | "commit">;
  /** Leaves new connections to others, and finishes with those that there are, for so many milliseconds at most. */
  drain(milliseconds: number): Promise<void>;
  /** Takes no new requests, finishes those that run, and lets go of everything. */
  stop(): Promise<void>;
}

/** What a gateway has learnt while it served, and one that begins can use. */
export interface KnownToOthers {
  /** Operations that it was asked for. */
  readonly operations: readonly UsedOperation[];
  /** The issuer's keys, which may be out of reach when another one begins; null where there are none. */
  readonly keys: ReturnType<KeySet["current"]>;
}

/** What a worker gets from the primary process. */
export interface ClusterPart {
  /** The files that settings name, the same for all workers. */
  readonly files: ConfigFiles;
  /** What others have learnt. */
  readonly known: KnownToOthers;
  readonly status: () => ClusterStatus;
  /** Takes what was counted since the last time. */
  readonly onUsage: (part: UsagePart) => void;
}

/**
 * Puts the gateway together and listens.
 *
 * @param cluster null for a gateway that is alone, and so watches the supergraph's file itself
 * @throws ConfigError, KeysError, PoliciesError, EnforcementError, RequirementError, SupergraphError, UsageFileError: what to mend,
 *   in words for whoever runs the gateway; a system error (`EADDRINUSE`) where the port cannot be had
 */
export async function startGateway(
  config: GatewayConfig,
  logger: GatewayLogger,
  cluster: ClusterPart | null = null,
): Promise<RunningGateway> {
  const files = cluster?.files ?? (await readConfigFiles(config));
  const policies = readPolicies(files.policies);
  const onUnforeseen: UnforeseenErrorListener = (err, { requestId }) =>
    logger.error({ err, requestId }, "unforeseen error");

  const issuer =
    config.authentication === null
      ? null
      : await createIdentityIssuer(
          files.identityKey === null ? {} : { privateKey: readIdentityKey(files.identityKey) },
        );
  const keys =
    config.authentication === null
      ? null
      : await openIssuerKeys({
          source: config.authentication.jwks,
          known: cluster?.known.keys ?? null,
          onTrouble(err, kept) {
            if (err === null) logger.info("the issuer's keys can be read again");
            else logger.error({ err, kept }, "the issuer's keys cannot be read");
          },
        });
  const identity =
    config.authentication === null || issuer === null || keys === null
      ? null
      : {
          issuer,
          authenticate: createAuthenticator({
            verify: createTokenVerifier({ ...config.authentication, keys }),
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
    requireEnforcement(supergraph, readLinkedDirectives(supergraph, enforcedFeatures), {
      identifiesCallers: identity !== null,
      policies,
    });

  const tellOverrides = ({ overrides }: SupergraphEngine) => {
    if (overrides.length > 0) logger.info({ overrides }, "fields that are overridden progressively");
    const labels = new Set(overrides.map(({ label }) => label));
    const unknown = config.overrideLabels.filter((label) => !labels.has(label));
    if (unknown.length > 0) logger.warn({ labels: unknown }, "no field has these --override-label");
  };
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
        planning: {
          milliseconds: config.planningTimeoutMilliseconds,
          maxSelections: config.maxSelections,
        },
        overrideLabels: new Set(config.overrideLabels),
        showsPlans: config.explorer && config.introspection,
        onPlan: (context, resolved) => void ((context as RequestContext).resolved = resolved),
        logger: logger.child({}, { level: "error" }),
      }),
    makeReady: createWarmUp({
      config: config.warmUp,
      known: [...(cluster?.known.operations ?? []), ...files.operations.flatMap(operationsIn)],
      logger,
    }),
    onSwap: (engine, before) => {
      serverGateway.swap(engine);
      logger.info({ supergraph: engine.hash }, "supergraph swapped");
      tellOverrides(engine);
      programLog.note(before.hash, before.programs);
    },
    onRefusal: (hash, reason) =>
      logger.error(
        { supergraph: hash, kept: holder.current.hash, reason: reason.message },
        "supergraph refused",
      ),
  });
  tellOverrides(holder.current);
  const programLog = startProgramLog({ logger, current: () => holder.current });
  const usage =
    config.usageFile === null
      ? null
      : cluster === null
        ? await openUsageFile({
            file: config.usageFile,
            onError: (err) => logger.error({ err }, "the usage file cannot be written"),
          })
        : createUsageRelay(cluster.onUsage);
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
    plugins: [
      createResponseTypeCheck(),
      operations.plugin,
      createUnforeseenErrorPlugin(onUnforeseen),
      createAccessLog(logger),
    ],
    logger: logger.child({}, { level: "error" }),
  });
  await apollo.start();

  const server = await createServer<RequestContext>({
    apollo,
    checkRequest: createRequestCheck(config.maxNesting),
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
    readiness: () => ({
      lacks:
        keys === null || keys.current() !== null ? null : "the issuer's keys, which could not be read yet",
      supergraph: {
        hash: holder.current.hash,
        refused: cluster === null ? holder.refused : cluster.status().refused,
      },
      ...(cluster === null ? {} : { workers: workersOf(cluster.status()) }),
    }),
    jwks: issuer?.jwks ?? null,
    bodyLimitBytes: config.bodyLimitBytes,
    bounds: config.bounds,
    corsOrigins: config.corsOrigins,
    explorer: config.explorer ? { defaultQuery: files.explorerQuery } : undefined,
    onUnforeseen,
  });
  const unwatch =
    cluster === null
      ? await watchFile({
          file: config.supergraph,
          onChange: (sdl) => void holder.offer(sdl),
          onError: (err) => logger.error({ err }, "the supergraph's file cannot be read"),
        })
      : null;
  const stop = async () => {
    await unwatch?.();
    holder.current.hurryPlanning(lastPlansMilliseconds);
    await server.close();
    await apollo.stop();
    await holder.stop();
    await transport.close();
    keys?.close();
    await usage?.stop();
    programLog.stop();
  };
  try {
    await server.listen({ port: config.port, host: config.host });
  } catch (error) {
    await stop();
    throw error;
  }
  const { port } = server.server.address() as AddressInfo;
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  return {
    url: `http://${host}:${port}`,
    known: (count) => ({
      operations: holder.current.usedOperations(count),
      keys: keys?.current() ?? null,
    }),
    supergraph: holder,
    drain: (milliseconds) => drain(server.server, milliseconds),
    stop,
  };
}

function workersOf({ workers, ready }: ClusterStatus): { readonly wanted: number; readonly ready: number } {
  return { wanted: workers, ready };
}

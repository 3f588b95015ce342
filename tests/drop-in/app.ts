import type { ServerResponse } from "node:http";
import { type ApolloGateway, type GatewayConfig, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import type { GraphQLFormattedError } from "graphql";

/** Who asks, as the app's own code knows it. */
interface Context {
  readonly reader: string;
  readonly response: ServerResponse;
  /** Subgraphs that answered, told by the data source. */
  readonly answered: Set<string>;
}

/** What hooks and plugins saw. */
export interface Seen {
  readonly log: string[];
  readonly plans: string[];
  readonly schemas: string[];
  readonly hooks: Set<string>;
  readonly dataRead: string[];
}

type HookOptions = Parameters<NonNullable<RemoteGraphQLDataSource<Context>["willSendRequest"]>>[0];

/** A data source as the documentation of Apollo Gateway shows it. */
class AuthenticatedDataSource extends RemoteGraphQLDataSource<Context> {
  readonly #name: string;
  readonly #seen: Seen;

  constructor(name: string, url: string, seen: Seen) {
    super({ url });
    this.#name = name;
    this.#seen = seen;
  }

  override willSendRequest({ request, context, kind }: HookOptions): void {
    const { reader } = context as Partial<Context>;
    if (reader === undefined) return;
    request.http?.headers.set("x-reader", reader);
    // Whoever is locked out is so because the gateway does not say that it is one.
    if (reader !== "locked out") request.http?.headers.set("x-gateway", "library");
    this.#seen.hooks.add(`send ${this.#name} ${kind} ${reader}`);
  }

  override didReceiveResponse({
    response,
    context,
  }: Parameters<NonNullable<RemoteGraphQLDataSource<Context>["didReceiveResponse"]>>[0]) {
    context.answered?.add(this.#name);
    this.#seen.hooks.add(`receive ${this.#name} ${String(response.http?.status)}`);
    const { me } = (response.data ?? {}) as { me?: { name?: string } };
    if (me?.name !== undefined) me.name = `${me.name} (you)`;
    return response;
  }

  override didEncounterError(error: Error): never {
    this.#seen.hooks.add(`error ${this.#name} ${withoutPorts(error.message)}`);
    throw error;
  }
}

/** Two libraries differ in where they listen. */
export function withoutPorts(text: string): string {
  return text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT");
}

/** A plugin that looks into answers, and changes them. */
function createPlugin(seen: Seen): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response, contextValue }) {
          if (response.body.kind !== "single") return;
          const { data } = response.body.singleResult;
          if (data == null) return;
          seen.dataRead.push(Object.keys(data).join(" "));
          for (const member of (data.members ?? []) as { email?: string | null }[]) {
            if (typeof member.email === "string") member.email = member.email.replace(/^[^@]+/, "***");
          }
          if ("removed" in data) delete data.removed;
          if (data.counted !== undefined) data.counted = (data.counted as unknown[]).length;
          response.http.headers.set("x-answered", [...contextValue.answered].toSorted().join(","));
        },
      };
    },
  };
}

export interface RunningApp {
  readonly url: string;
  readonly gateway: ApolloGateway;
  readonly seen: Seen;
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly Gateway: typeof ApolloGateway;
  /** Whether subgraphs are called by a class of the app's own. */
  readonly withDataSource: boolean;
  readonly config: GatewayConfig;
  /** Apollo Server's option. */
  readonly stringifyResult?: ApolloServerOptions<Context>["stringifyResult"];
}

/** The app, as a user of Apollo Gateway has it. */
export async function startApp({
  Gateway,
  withDataSource,
  config,
  stringifyResult,
}: AppOptions): Promise<RunningApp> {
  const seen: Seen = { log: [], plans: [], schemas: [], hooks: new Set(), dataRead: [] };
  const log = (level: string) => (message?: unknown) => seen.log.push(`${level} ${String(message)}`);
  const logger = { debug() {}, info: log("info"), warn: log("warn"), error: log("error") };
  const gateway = new Gateway({
    ...config,
    logger,
    ...(withDataSource
      ? { buildService: ({ name, url = "" }) => new AuthenticatedDataSource(name, url, seen) }
      : {}),
    experimental_didResolveQueryPlan: ({ queryPlan, requestContext, serviceMap }) => {
      const { node } = queryPlan;
      seen.plans.push(
        `${requestContext.operationName} ${node?.kind} of ${Object.keys(serviceMap).toSorted().join(" ")}`,
      );
    },
  });
  gateway.onSchemaLoadOrUpdate(({ apiSchema, coreSupergraphSdl }) => {
    seen.schemas.push(
      `${Object.keys(apiSchema.getTypeMap()).includes("Loan")} ${coreSupergraphSdl.includes("fine: Int")}`,
    );
  });
  const server = new ApolloServer<Context>({
    gateway,
    logger,
    plugins: [createPlugin(seen)],
    ...(stringifyResult === undefined ? {} : { stringifyResult }),
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted) => JSON.parse(withoutPorts(JSON.stringify(formatted))) as GraphQLFormattedError,
  });
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: "127.0.0.1" },
    context: async ({ req, res }) => ({
      reader: req.headers.authorization ?? "m1",
      response: res,
      answered: new Set<string>(),
    }),
  });
  return { url, gateway, seen, stop: () => server.stop() };
}

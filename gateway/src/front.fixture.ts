import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { unauthenticated } from "@tributary/subgraph-kit/errors";
import { buildSchema, type ExecutionResult, GraphQLError, type GraphQLSchema, Kind } from "graphql";
import { createApolloServer } from "./http/apollo.ts";
import type { ConnectionBounds } from "./http/connection-bounds.ts";
import { createUnforeseenErrorPlugin } from "./http/error-masking.ts";
import type { FrontPlugin } from "./http/front-plugin.ts";
import { createKnownOperations } from "./http/known-operations.ts";
import { createServer } from "./http/server.ts";
import type { Arrival, FrontContext } from "./http/shortcut.ts";
import { createShortExecute } from "./short-execute.ts";
import type { Waiting } from "./http/waiting.ts";
import type { Engine, ExecutionRequest } from "./supergraph/engine.ts";
import { createServerGateway } from "./supergraph/server-gateway.ts";

export const sdl = `
  type Query { hello(name: String, size: Int): String broken: String nothing: String! throws: String late: String }
  type Mutation { act: Int }
`;

export interface FrontFixtureOptions {
  readonly corsOrigins?: readonly string[];
  /** @default what the gateway has */
  readonly bounds?: ConnectionBounds;
  readonly plugins?: readonly FrontPlugin<FixtureContext>[];
  /** What operations come to. @default by the root field's name */
  /** Whether requests say that their connections are to be kept. @default false */
  readonly keepAlive?: boolean;
  readonly execute?: (request: ExecutionRequest) => Promise<ExecutionResult>;
}

export interface FixtureContext extends FrontContext {
  readonly waiting: Waiting;
}

/** One answer, with all that a client can see of it but the date. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string;
}

/** The gateway's front, before operations that are made up. */
export interface FrontFixture {
  readonly url: string;
  /** How many operations went through Apollo Server, and how many past it. */
  readonly counts: {
    long: number;
    short: number;
    shared: number;
    run: number;
    node: number;
    contexts: number;
  };
  ask(request: RawRequest): Promise<RawAnswer>;
  /** What nobody foresaw. */
  readonly unforeseen: readonly Error[];
  /** Where those come from who are connected. */
  readonly clientPorts: ReadonlySet<number>;
  /** Where those came from who were connected and are not any more. */
  readonly gonePorts: ReadonlySet<number>;
  /** Serves another schema from now on. */
  swap(schema: GraphQLSchema): void;
  stop(): Promise<void>;
}

const byName = async ({ operation, request }: ExecutionRequest): Promise<ExecutionResult> => {
  if (operation === undefined) return { errors: [new GraphQLError("No such operation.")] };
  const [field] = operation.selectionSet.selections;
  const name = field?.kind === Kind.FIELD ? field.name.value : "";
  const { size = 1 } = (request.variables ?? {}) as { size?: number };
  if (name === "broken")
    return { data: { broken: null }, errors: [unauthenticated("No.", { httpStatus: 200 })] };
  if (name === "nothing") return { errors: [unauthenticated("Not at all.", { httpStatus: 400 })] };
  if (name === "throws") throw new Error("unforeseen");
  return { data: { [name]: "é".repeat(size) } };
};

export async function startFront(options: FrontFixtureOptions = {}): Promise<FrontFixture> {
  const execute = options.execute ?? byName;
  const engineOf = (schema: GraphQLSchema) => ({ schema }) as Engine;
  const serverGateway = createServerGateway(engineOf(buildSchema(sdl)), () => (request) => {
    const { outcome } = request.context as FixtureContext;
    if (outcome !== undefined) return outcome as never;
    counts.run++;
    return execute(request) as never;
  });
  const counts = { long: 0, short: 0, shared: 0, run: 0, node: 0, contexts: 0 };
  const counter: FrontPlugin<FixtureContext> = {
    plugin: {
      async requestDidStart() {
        counts.long++;
      },
    },
    onShortAnswer: () => void counts.short++,
  };
  const operations = createKnownOperations({ schema: () => serverGateway.schema });
  const unforeseen: Error[] = [];
  const onUnforeseen = (error: Error) => void unforeseen.push(error);
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const { apollo, onShortAnswer } = createApolloServer<FixtureContext>({
    gateway: serverGateway.gateway,
    introspection: true,
    landingPage: true,
    maxTokens: 100,
    validationRules: [],
    plugins: [
      operations.plugin,
      createUnforeseenErrorPlugin(onUnforeseen),
      counter,
      ...(options.plugins ?? []),
    ],
    logger: silent,
  });
  await apollo.start();
  const createContext = ({ headers, requestId, waiting }: Arrival) => {
    counts.contexts++;
    if (headers.authorization === "bad") throw unauthenticated("Bad token.");
    if (headers.authorization === "bad later") return Promise.reject(unauthenticated("Bad token."));
    const context: FixtureContext = { requestId, waiting };
    return headers.authorization === "later" ? Promise.resolve(context) : context;
  };
  const app = await createServer<FixtureContext>({
    apollo,
    createContext,
    checkRequest: () => null,
    shortcut:
      onShortAnswer === null
        ? null
        : {
            operations,
            execute: createShortExecute(serverGateway.execute) as never,
            decisiveHeaders: ["authorization", "x-tenant"],
            onAnswer: onShortAnswer,
            onShared: () => void counts.shared++,
          },
    requestIdOf: (header) => (typeof header === "string" ? header : "made"),
    readiness: () => ({ lacks: null, supergraph: { hash: "", refused: null } }),
    jwks: null,
    bodyLimitBytes: 10_000,
    bounds: options.bounds ?? { headers: 60_000, request: 300_000, response: 300_000, keepAlive: 72_000 },
    corsOrigins: options.corsOrigins ?? [],
    explorer: undefined,
    onUnforeseen,
  });
  app.server.on("request", () => counts.node++);
  const clientPorts = new Set<number>();
  const gonePorts = new Set<number>();
  app.server.on("connection", (socket: Socket) => {
    const { remotePort = 0 } = socket;
    clientPorts.add(remotePort);
    gonePorts.delete(remotePort);
    socket.once("close", () => {
      clientPorts.delete(remotePort);
      gonePorts.add(remotePort);
    });
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    ask: (request) => ask(port, request, options.keepAlive === true),
    clientPorts,
    gonePorts,
    unforeseen,
    swap: (schema) => serverGateway.swap(engineOf(schema)),
    stop: async () => {
      await app.close();
      await apollo.stop();
    },
  };
}

/** @param keepAlive whether the request says that its connection, which is a new one, is to be kept */
function ask(port: number, request: RawRequest, keepAlive: boolean): Promise<RawAnswer> {
  const { method = "POST", path = "/graphql", body, headers } = request;
  const agent = keepAlive ? new http.Agent({ keepAlive }) : false;
  return new Promise<RawAnswer>((resolve, reject) => {
    const sent = http.request({ port, host: "127.0.0.1", method, path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { date: _date, ...others } = response.headers;
        resolve({
          status: response.statusCode ?? 0,
          headers: others as Record<string, string>,
          body: Buffer.concat(chunks),
        });
      });
    });
    sent.on("error", reject);
    for (const [name, value] of Object.entries({ "content-type": "application/json", ...headers }))
      if (value !== undefined) sent.setHeader(name, value);
    sent.end(body);
  }).finally(() => agent !== false && agent.destroy());
}

import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { createIdentityKey, publicIdentityKey } from "@tributary/subgraph-kit/identity";
import { parse } from "graphql";
import { importJWK, SignJWT } from "jose";

/** One subgraph of a test: its name, SDL and resolvers. */
export interface SubgraphFixture {
  readonly name: string;
  readonly sdl: string;
  readonly resolvers?: object;
}

/** What a subgraph was sent. */
export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };
}

/** Takes an HTTP request instead of the subgraph's own server. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** A subgraph that listens. */
export interface RunningSubgraph {
  readonly name: string;
  readonly url: string;
  readonly received: ReceivedRequest[];
  /** Set to make the subgraph answer otherwise; null for its own answers. */
  misbehave: Misbehaviour | null;
  /** From now on nothing listens. */
  stop(): Promise<void>;
}

const header = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@interfaceObject", "@inaccessible",
  "@authenticated", "@requiresScopes", "@policy"
])\n`;

/** Starts a subgraph on a free port. */
export async function startSubgraph({ name, sdl, resolvers }: SubgraphFixture): Promise<RunningSubgraph> {
  const typeDefs = parse(sdl.includes("@link") ? sdl : header + sdl);
  const apollo = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs, resolvers: (resolvers ?? {}) as never }]),
    csrfPrevention: false,
    // What leaks is to be seen leaking: the gateway is what must stop it.
    includeStacktraceInErrorResponses: true,
    stopOnTerminationSignals: false,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await apollo.start();
  const received: ReceivedRequest[] = [];
  const subgraph = { misbehave: null as Misbehaviour | null };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as ReceivedRequest["body"];
    received.push({ headers: request.headers, body });
    if (subgraph.misbehave !== null) {
      subgraph.misbehave(request, response);
      return;
    }
    const { status, body: own } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: "POST",
        headers: new Map([["content-type", "application/json"]]) as never,
        body,
        search: "",
      },
      context: async () => ({ headers: request.headers }),
    });
    response.writeHead(status ?? 200, { "content-type": "application/json" });
    response.end(own.kind === "complete" ? own.string : "");
  };
  const server = createServer((request, response) => void answer(request, response));
  const url = await listen(server);
  return Object.assign(subgraph, {
    name,
    url: `${url}/graphql`,
    received,
    stop: async () => {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
      await apollo.stop();
    },
  });
}

/** Listens on a free port of this machine. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Composes a supergraph; throws where the subgraphs do not fit together. */
export function compose(subgraphs: readonly (SubgraphFixture & { url?: string })[]): string {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map(({ name, sdl, url }) => ({
      name,
      typeDefs: parse(sdl.includes("@link") ? sdl : header + sdl),
      url: url ?? `http://${name}.invalid/graphql`,
    })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.map((error) => error.message).join("\n"));
  return supergraphSdl;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** The process of a gateway. */
export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<number | null>;
  /** What it has logged so far, a JSON object a line. */
  readonly log: () => readonly LogLine[];
  /** All that it has written, to both outputs. */
  readonly output: () => string;
  /** The first line that is as asked, as soon as there is one. */
  logged(isAsked: (line: LogLine) => boolean): Promise<LogLine>;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL("main.ts", import.meta.url));

function spawnGateway(flags: readonly string[], environment: Readonly<Record<string, string>>) {
  const child = fork(main, flags, {
    silent: true,
    env: { NODE_ENV: "production", ...environment },
  });
  let output = "";
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer) => {
    output += chunk.toString("utf8");
    for (const listener of listeners) listener();
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, exited, listeners, output: () => output };
}

/** Starts a gateway on a free port; rejects with its output where it does not come to listen. */
export async function startGatewayProcess(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const { child, exited, listeners, output } = spawnGateway(["--port", "0", ...flags], environment);
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { url: string }).url));
    void exited.then((code) => reject(new Error(`exit ${code}: ${output()}`)));
  });
  const log = () =>
    output()
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    url,
    pid: child.pid ?? 0,
    exited,
    log,
    output,
    logged: (isAsked) =>
      new Promise((resolve) => {
        const look = () => {
          const found = log().find(isAsked);
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
    stop: async () => void (await stopProcess(child, exited)),
  };
}

async function stopProcess(child: ChildProcess, exited: Promise<number | null>): Promise<number | null> {
  if (child.exitCode === null) child.kill("SIGTERM");
  return exited;
}

/** Runs a gateway that is not expected to listen, to its end. */
export async function runGatewayProcess(
  flags: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { child, exited, output } = spawnGateway(flags, environment);
  child.once("message", () => child.kill("SIGKILL"));
  return { code: await exited, output: output() };
}

/** A folder for the files of one test file. */
export async function createFolder(): Promise<{
  write: (name: string, text: string) => Promise<string>;
  remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "gateway-"));
  return {
    write: async (name, text) => {
      const file = join(folder, name);
      await writeFile(file, text);
      return file;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An issuer of clients' tokens. */
export async function createIssuerFixture() {
  const key = await createIdentityKey();
  return {
    jwks: JSON.stringify({ keys: [await publicIdentityKey(key)] }),
    flags: (jwks: string) => ["--issuer", "https://issuer.test", "--audience", "test-api", "--jwks", jwks],
    token: async (claims: Record<string, unknown>, expiresIn = "1h", issuer = "https://issuer.test") =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "EdDSA", kid: key.kid! })
        .setIssuer(issuer)
        .setAudience("test-api")
        .setIssuedAt()
        .setExpirationTime(expiresIn)
        .sign(await importJWK(key, "EdDSA")),
  };
}

/** A GraphQL response, with its HTTP status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look at any part of it.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
  readonly errors: readonly {
    message: string;
    path?: (string | number)[];
    extensions: Record<string, unknown>;
  }[];
  /** The body as it was sent. */
  readonly text: string;
}

/** Sends an operation. */
export async function ask(
  url: string,
  query: string,
  options: {
    token?: string;
    headers?: Record<string, string>;
    variables?: object;
    operationName?: string;
    signal?: AbortSignal;
  } = {},
): Promise<Answer> {
  const { token, headers, variables, operationName, signal } = options;
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, variables, operationName }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const { data, errors } = JSON.parse(text) as { data: unknown; errors?: Answer["errors"] };
  return { status: response.status, headers: response.headers, data, errors: errors ?? [], text };
}

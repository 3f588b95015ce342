import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { type DocumentNode, parse } from "graphql";

/*
 * One gateway. The first argument says which: `stock`, `ours`, or `ours-import`, which is stock's code with nothing but
 * the class replaced. The second one says what is in front: Apollo Server's standalone server (`standalone`) or bare
 * node:http (`bare`), which parses each document once. Then come the port and the supergraph's file.
 */
const [kind, front, port, file = ""] = process.argv.slice(2);

interface Context {
  readonly token: string;
  readonly response: ServerResponse;
}

const supergraphSdl = readFileSync(file, "utf8");
const logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
// Stock's process has nothing of ours.
const executor = kind === "stock" ? undefined : await import("@tributary/executor");
const transport = executor?.createHttpTransport();

class ForwardingDataSource extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({
    request,
    context,
  }: Parameters<NonNullable<RemoteGraphQLDataSource<Context>["willSendRequest"]>>[0]) {
    if (context.token !== undefined) request.http?.headers.set("authorization", context.token);
  }
}

const remote = ({ url }: { url?: string }) => new ForwardingDataSource({ url: url ?? "" });
const fast = ({ url }: { url?: string }) => {
  if (executor === undefined || transport === undefined) throw new Error("Stock has no such data source.");
  return new executor.SubgraphDataSource({
    url: url ?? "",
    transport,
    headers: ({ context }) => ({ authorization: (context as Context).token }),
  });
};

const gateway =
  executor === undefined
    ? new ApolloGateway({ supergraphSdl, logger, buildService: remote })
    : new executor.TributaryGateway(
        { supergraphSdl, logger, buildService: kind === "ours" ? fast : remote },
        kind === "ours" ? { responseOf: ({ response }: Context) => response } : {},
      );
// What a result goes out by, where the code is made with our executor in mind.
const ours = kind === "ours" ? executor : undefined;

const contextOf = (request: IncomingMessage, response: ServerResponse): Context => ({
  token: request.headers.authorization ?? "",
  response,
});

async function startStandalone(): Promise<void> {
  const server = new ApolloServer<Context>({
    gateway,
    logger,
    ...(ours === undefined ? {} : { stringifyResult: ours.stringifyResultToBytes }),
  });
  await startStandaloneServer(server, {
    listen: { port: Number(port), host: "127.0.0.1" },
    context: async ({ req, res }) => contextOf(req, res),
  });
}

async function startBare(): Promise<void> {
  const { schema, executor: execute } = await gateway.load();
  const write = ours?.resultBytes ?? ((result: unknown) => Buffer.from(JSON.stringify(result)));
  const documents = new Map<string, { document: DocumentNode; queryHash: string }>();
  const operationOf = (query: string) => {
    let known = documents.get(query);
    if (known === undefined) {
      known = { document: parse(query), queryHash: createHash("sha256").update(query).digest("hex") };
      documents.set(query, known);
    }
    return known;
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { query } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string };
      const context = {
        request: { query, variables: {} },
        ...operationOf(query),
        source: query,
        schema,
        logger,
        context: contextOf(request, response),
        metrics: {},
      };
      void execute(context as never).then((result) => {
        const body = write(result as never);
        response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
        response.end(body);
      });
    });
  });
  server.listen(Number(port), "127.0.0.1");
}

await (front === "standalone" ? startStandalone() : startBare());

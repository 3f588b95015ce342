import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { composeServices } from "@apollo/composition";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createUndiciTransport, SubgraphDataSource, TributaryGateway } from "@tributary/executor";
import { type DocumentNode, parse } from "graphql";
import { SUBGRAPHS } from "./subgraph-schemas.ts";

// One gateway: `stock` or `ours`, behind Apollo Server's standalone server (`apollo`) or a bare node:http server
// (`bare`), which parses each document once and stringifies each result. Told by its arguments, with the subgraphs' URL.
const [kind, front, subgraphs = ""] = process.argv.slice(2);

interface Context {
  readonly token: string;
}

const { supergraphSdl } = composeServices(
  Object.entries(SUBGRAPHS).map(([name, { sdl }]) => ({
    name,
    url: `${subgraphs}/${name}`,
    typeDefs: parse(sdl),
  })),
);
if (supergraphSdl === undefined) throw new Error("The subgraphs do not compose.");

const logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
const transport = createUndiciTransport();
const gateway =
  kind === "stock"
    ? new ApolloGateway({
        supergraphSdl,
        logger,
        buildService: ({ url }) =>
          new RemoteGraphQLDataSource<Context>({
            url: url ?? "",
            willSendRequest: ({ request, context }) => {
              request.http?.headers.set("authorization", context.token);
            },
          }),
      })
    : new TributaryGateway({
        supergraphSdl,
        logger,
        buildService: ({ url }) =>
          new SubgraphDataSource({
            url: url ?? "",
            transport,
            headers: ({ context }) => ({ authorization: (context as Context).token }),
          }),
      });

const tokenOf = (request: IncomingMessage): Context => ({ token: request.headers.authorization ?? "" });

async function startApollo(): Promise<string> {
  const server = new ApolloServer<Context>({ gateway, logger });
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: "127.0.0.1" },
    context: async ({ req }) => tokenOf(req),
  });
  return url;
}

async function startBare(): Promise<string> {
  const { schema, executor } = await gateway.load();
  const documents = new Map<string, { document: DocumentNode; queryHash: string }>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { query } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { query: string };
      let known = documents.get(query);
      if (known === undefined) {
        known = { document: parse(query), queryHash: createHash("sha256").update(query).digest("hex") };
        documents.set(query, known);
      }
      const context = {
        request: { query, variables: {} },
        ...known,
        schema,
        logger,
        context: tokenOf(request),
        metrics: {},
      };
      void executor(context as never).then((result) => {
        const body = JSON.stringify(result);
        response.writeHead(200, {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        });
        response.end(body);
      });
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicroseconds: user + system, residentBytes: process.memoryUsage().rss });
});
process.send?.({ url: front === "apollo" ? await startApollo() : await startBare() });

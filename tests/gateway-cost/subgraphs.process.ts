import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, type GraphQLSchema, parse } from "graphql";
import { SUBGRAPHS } from "./subgraph-schemas.ts";

// All subgraphs in one process, each under its name as path. Answers are kept by body: only the gateway is measured.
const schemas = new Map<string, GraphQLSchema>();
for (const [name, { sdl, resolvers }] of Object.entries(SUBGRAPHS)) {
  schemas.set(`/${name}`, buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]));
}
const answers = new Map<string, string>();
let calls = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    calls++;
    void answer(request.url ?? "", Buffer.concat(chunks).toString("utf8")).then((body) => {
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      });
      response.end(body);
    });
  });
});

async function answer(path: string, body: string): Promise<string> {
  const key = path + body;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
  const schema = schemas.get(path) as GraphQLSchema;
  const text = JSON.stringify(await graphql({ schema, source: query, variableValues: variables }));
  answers.set(key, text);
  return text;
}

process.on("message", () => process.send?.({ calls }));
server.listen(0, "127.0.0.1", () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);

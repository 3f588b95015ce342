import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, type GraphQLSchema, parse } from "graphql";
import type { Call, Counts, SubgraphsCommand } from "./messages.ts";
import { createPlainServer, jsonResponse, type PlainRequest } from "./plain-http.ts";
import { SUBGRAPHS } from "./schemas.ts";

/*
 * All subgraphs in one process, each under its name as path. Responses are kept by body, so that of each call only the
 * first is executed. Counts calls by token. In between it can record which calls a request makes, in waves: it holds
 * its answers until no more calls come, so calls of one wave do not need each other.
 */
const QUIET_MILLISECONDS = 150;

const schemas = new Map<string, GraphQLSchema>(
  Object.entries(SUBGRAPHS).map(([name, { sdl, resolvers }]) => [
    `/${name}`,
    buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]),
  ]),
);
const responses = new Map<string, Buffer>();
let callsByToken = new Map<string, number>();
let waves: Call[][] | undefined;
let held: { readonly call: Call; readonly release: () => void }[] = [];
let quiet: NodeJS.Timeout | undefined;

const server = createPlainServer((request) => {
  callsByToken.set(request.authorization, (callsByToken.get(request.authorization) ?? 0) + 1);
  if (waves !== undefined) return answerInWaves(request);
  return responses.get(request.path + request.body.toString("latin1")) ?? execute(request);
});

async function execute({ path, body }: PlainRequest): Promise<Buffer> {
  const { query, variables } = JSON.parse(body.toString()) as {
    query: string;
    variables?: Record<string, unknown>;
  };
  const schema = schemas.get(path);
  if (schema === undefined)
    return jsonResponse(`{"errors":[{"message":"There is no subgraph at ${path}."}]}`);
  const result = await graphql({ schema, source: query, variableValues: variables ?? {} });
  const response = jsonResponse(JSON.stringify(result));
  responses.set(path + body.toString("latin1"), response);
  return response;
}

async function answerInWaves(request: PlainRequest): Promise<Buffer> {
  const response = await execute(request);
  return new Promise((resolve) => {
    const call = { path: request.path, body: request.body.toString() };
    held.push({ call, release: () => resolve(response) });
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const wave = held;
      held = [];
      waves?.push(wave.map((each) => each.call));
      for (const { release } of wave) release();
    }, QUIET_MILLISECONDS);
  });
}

function counted(): Counts {
  const perToken = [...callsByToken.values()];
  const calls = perToken.reduce((sum, each) => sum + each, 0);
  return { calls, tokens: perToken.length, least: Math.min(...perToken), most: Math.max(...perToken) };
}

function obey(command: SubgraphsCommand): Counts | Call[][] | "done" {
  if (command === "counts") return counted();
  if (command === "recorded") {
    const recorded = waves ?? [];
    waves = undefined;
    return recorded;
  }
  if (command === "reset") callsByToken = new Map();
  else waves = [];
  return "done";
}

process.on("message", (command: SubgraphsCommand) => process.send?.(obey(command)));
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () =>
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);

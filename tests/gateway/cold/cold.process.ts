import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { parse } from "graphql";
import type { ColdTimes } from "./measure-cold.ts";

/*
 * The first steps of a gateway in a new process, each timed: arguments are `stock` or `ours`, the supergraph's file, and a
 * query. What is behind the plan and before the first call to a subgraph is the compiling of the program, where there
 * is one.
 */
const [kind, file = "", query = ""] = process.argv.slice(2);

const supergraphSdl = readFileSync(file, "utf8");
const logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
let firstPlan = 0;
let firstCall = 0;
const called = () => void (firstCall ||= performance.now());
// Stock's process has nothing of ours.
const ours = kind === "stock" ? undefined : await import("@tributary/executor");

const begin = performance.now();
const config = {
  supergraphSdl,
  logger,
  experimental_didResolveQueryPlan: () => void (firstPlan ||= performance.now()),
};
const makeOurs = ({
  TributaryGateway,
  SubgraphDataSource,
  createHttpTransport,
}: NonNullable<typeof ours>) => {
  const transport = createHttpTransport();
  const headers = () => {
    called();
    return {};
  };
  return new TributaryGateway({
    ...config,
    buildService: ({ url }) => new SubgraphDataSource({ url: url ?? "", transport, headers }),
  });
};
const gateway =
  ours === undefined
    ? new ApolloGateway({
        ...config,
        buildService: ({ url }) => new RemoteGraphQLDataSource({ url: url ?? "", willSendRequest: called }),
      })
    : makeOurs(ours);
const { schema, executor } = await gateway.load();
const loaded = performance.now();
const request = {
  request: { query, variables: {} },
  document: parse(query),
  queryHash: createHash("sha256").update(query).digest("hex"),
  source: query,
  schema,
  logger,
  context: {},
  metrics: {},
};
const asked = performance.now();
const { errors } = await executor(request as never);
if (errors !== undefined) throw new Error(JSON.stringify(errors));
const answered = performance.now();

const times: ColdTimes = {
  load: loaded - begin,
  plan: firstPlan - asked,
  compile: firstCall - firstPlan,
  firstAnswer: answered - asked,
};
process.send?.(times, () => process.exit());

import { join } from "node:path";
import { nodeFlags } from "@tributary/gateway/node-flags";
import type { ChildOptions } from "./child.ts";
import type { Context, PerContext } from "./contexts.ts";
import { isRedis } from "./databases.ts";
import { ROOT, type DataDirPaths } from "./data-dir.ts";
import { AUDIENCE, LOCAL_ISSUER } from "./local-issuer.ts";

/** The operation that is shown at the end of a start, and that the explorer opens with. */
export const FLAGSHIP = join(ROOT, "schema/operations/customer-with-payment-history.graphql");

type Command = Pick<ChildOptions, "script" | "command">;

/** How a subgraph is started. */
export function subgraphCommand(
  context: Context,
  options: { paths: DataDirPaths; env: NodeJS.ProcessEnv; url: string; brokerUrl: string },
): Command {
  const { paths, env, url, brokerUrl } = options;
  return {
    script: `subgraphs/${context}/src/main.ts`,
    command: (port) => ({
      env: {
        ...withCompileCache(env),
        HOST: "127.0.0.1",
        PORT: String(port),
        ...(isRedis(url) ? {} : { DATABASE_URL: url }),
        BROKER_URL: brokerUrl,
        IDENTITY_JWKS: paths.gatewayJwks,
      },
    }),
  };
}

/** How the gateway is started. Its own settings in the environment stay in force, save for those that are given. */
export function gatewayCommand(options: {
  paths: DataDirPaths;
  env: NodeJS.ProcessEnv;
  localIssuer: boolean;
  subgraphUrls: PerContext<string>;
  flags: readonly string[];
}): Command {
  const { paths, env, localIssuer, subgraphUrls, flags } = options;
  const unlessSet = (variable: string, ...args: string[]) => (env[variable] ? [] : args);
  const fixed = [
    ...unlessSet("GATEWAY_SUPERGRAPH", "--supergraph", join(ROOT, "schema/supergraph.graphql")),
    ...unlessSet("GATEWAY_POLICIES", "--policies", join(ROOT, "schema/policies.json")),
    ...unlessSet("GATEWAY_EXPLORER_QUERY", "--explorer-query", FLAGSHIP),
    ...["--identity-key", paths.gatewayKey],
    ...(localIssuer ? ["--issuer", LOCAL_ISSUER, "--audience", AUDIENCE, "--jwks", paths.issuerJwks] : []),
    ...Object.entries(subgraphUrls).flatMap(([name, url]) => ["--subgraph-url", `${name}=${url}/graphql`]),
  ];
  return {
    script: "gateway/src/main.ts",
    command: (port) => ({
      nodeFlags,
      args: [...fixed, "--port", String(port), ...flags],
      env: withCompileCache(env),
    }),
  };
}

/** Node keeps what it compiled, which takes a third off the start of a process. */
function withCompileCache(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/tributary"), ...env };
}

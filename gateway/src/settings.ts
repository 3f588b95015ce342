/** One setting: a flag, and an environment variable named after it. Flags win. */
export interface Setting {
  /** What the value is, as shown in the help; absent for a switch. */
  readonly value: string;
  readonly help: string;
  /** May be given several times; in the environment the values are parted by commas. */
  readonly repeatable?: true;
}

/** Every setting of the gateway, by the name of its flag. The help and the environment's names come from here. */
export const settings = {
  supergraph: { value: "FILE", help: "Federation 2 supergraph to serve; watched for changes. Needed." },
  port: { value: "N", help: "Port to listen on; 0 takes any that is free. Default 4000." },
  host: { value: "HOST", help: "Address to listen on. Default 127.0.0.1." },
  "forward-header": {
    value: "NAME",
    help: "Client's header that is passed on to subgraphs. Default none.",
    repeatable: true,
  },
  issuer: {
    value: "ISS",
    help: "Issuer of the clients' tokens. Without one the gateway serves without identity.",
  },
  audience: { value: "AUD", help: "Audience that the clients' tokens must have. Needed with --issuer." },
  jwks: {
    value: "URL|FILE",
    help: "Public keys that the clients' tokens are checked with. Needed with --issuer.",
  },
  "jwt-algorithms": {
    value: "ALGS",
    help: "Signature algorithms taken, parted by commas. Default EdDSA,ES256,RS256.",
  },
  "clock-skew": { value: "SECONDS", help: "How far the issuer's clock may differ, 0 to 300. Default 5." },
  "identity-key": {
    value: "FILE",
    help: "Private Ed25519 JWK that identity tokens for subgraphs are signed with. Default a new one.",
  },
  policies: { value: "FILE", help: "Definitions of the supergraph's @policy names, as JSON." },
  "subgraph-url": {
    value: "NAME=URL",
    help: "Where a subgraph is, in place of the supergraph's URL.",
    repeatable: true,
  },
  "override-label": {
    value: "LABEL",
    help: "Label of @override that is on: its fields come from their new subgraph. percent(x) needs none. Default none.",
    repeatable: true,
  },
  "subgraph-timeout": {
    value: "MS",
    help: "How long a subgraph may take to answer, in milliseconds. Default 10000.",
  },
  "subgraph-response-limit": {
    value: "BYTES",
    help: "Largest answer taken from a subgraph. Default 33554432.",
  },
  "body-limit": { value: "BYTES", help: "Largest request body taken from a client. Default 1048576." },
  "headers-timeout": {
    value: "MS",
    help: "How long the head of a request may take to arrive, in milliseconds. Default 60000.",
  },
  "request-timeout": {
    value: "MS",
    help: "How long a whole request may take to arrive, in milliseconds. Default 300000.",
  },
  "response-timeout": {
    value: "MS",
    help: "How long a client may take to receive a response, in milliseconds. Default 300000.",
  },
  "keep-alive-timeout": {
    value: "MS",
    help: "How long a connection is kept for the next request, in milliseconds. Default 72000.",
  },
  "cors-origin": {
    value: "ORIGIN",
    help: "Origin whose pages may call the gateway; * for all. Default none.",
    repeatable: true,
  },
  "log-level": { value: "LEVEL", help: "trace, debug, info, warn, error, fatal or silent. Default info." },
  introspection: { value: "on|off", help: "Whether clients may read the schema. Default on." },
  explorer: {
    value: "on|off",
    help: "Whether /explorer and the landing page are served, and Apollo Sandbox may call. Default on.",
  },
  "explorer-query": { value: "FILE", help: "Operation that the explorer opens with." },
  "max-tokens": { value: "N", help: "Most lexical tokens in a document. Default 15000." },
  "max-depth": { value: "N", help: "Deepest nesting of fields in an operation. Default 50." },
  "max-aliases": { value: "N", help: "Most aliases in an operation, fragments expanded. Default 500." },
  "max-nesting": {
    value: "N",
    help: "Deepest nesting of brackets in a document, and of lists and objects in a variable, 10 to 500. Default 200.",
  },
  "max-selections": {
    value: "N",
    help: "Most fields and fragments in an operation, fragments expanded. Default 10000.",
  },
  "planning-timeout": {
    value: "MS",
    help: "How long an operation that is new may be planned, in milliseconds. Default 10000.",
  },
  workers: {
    value: "N|auto",
    help: "Processes that serve, auto for one per core; more than one have a primary over them. Default 1.",
  },
  "warm-up": {
    value: "N",
    help: "Most operations that a new supergraph is made ready for before it serves; 0 for none. Default 100.",
  },
  "warm-up-time": { value: "MS", help: "How long that may take, in milliseconds. Default 10000." },
  "warm-up-operations": {
    value: "PATH",
    help: "Operations that clients send: a .graphql file, a folder of them, or a persisted query manifest. Default none.",
  },
  "usage-file": {
    value: "FILE",
    help: "Where it is counted which operations are sent, for `schema check`. Default none.",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** The environment's name of a setting: `--subgraph-timeout` is `GATEWAY_SUBGRAPH_TIMEOUT`. */
export function environmentName(name: string): string {
  return `GATEWAY_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** True for a setting that may have several values. */
export function isRepeatable(name: SettingName): boolean {
  return "repeatable" in settings[name];
}

/** The text of `--help`. */
export function renderHelp(): string {
  const lines = Object.entries(settings).map(([name, { value, help, ...rest }]) => {
    const flag = `  --${name} ${value}${"repeatable" in rest ? " ..." : ""}`;
    return `${flag.padEnd(36)} ${help}`;
  });
  return [
    "Serves a Federation 2 supergraph as one GraphQL API.",
    "",
    "  node gateway/src/main.ts --supergraph FILE [--port N] ...",
    "",
    ...lines,
    "  --help".padEnd(36) + " Shows this.",
    "",
    "Each flag can be set in the environment too: --subgraph-timeout is GATEWAY_SUBGRAPH_TIMEOUT. Flags win.",
    "Settings with ... can be given several times; in the environment their values are parted by commas.",
    "",
  ].join("\n");
}

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";
import { environmentName, isRepeatable, type SettingName, settings } from "./settings.ts";

/** The gateway was told something that it cannot work with. Every fault is listed, by the name of its setting. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The gateway's configuration has faults:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** How clients' tokens are verified. */
export interface AuthenticationConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: string;
  readonly algorithms: readonly string[];
  readonly clockSkewSeconds: number;
}

/** The gateway's configuration. Frozen. */
export interface GatewayConfig {
  readonly supergraph: string;
  readonly port: number;
  readonly host: string;
  /** Lower-case names. */
  readonly forwardHeaders: readonly string[];
  /** Null where the gateway serves without identity. */
  readonly authentication: AuthenticationConfig | null;
  readonly identityKey: string | null;
  readonly policies: string | null;
  readonly subgraphUrls: Readonly<Record<string, string>>;
  /** Labels of `@override` that are on for all requests. */
  readonly overrideLabels: readonly string[];
  readonly subgraphTimeoutMilliseconds: number;
  readonly subgraphResponseLimitBytes: number;
  readonly bodyLimitBytes: number;
  readonly bounds: BoundsConfig;
  readonly corsOrigins: readonly string[];
  readonly logLevel: string;
  readonly introspection: boolean;
  readonly explorer: boolean;
  readonly explorerQuery: string | null;
  readonly maxTokens: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxNesting: number;
  readonly maxSelections: number;
  readonly planningTimeoutMilliseconds: number;
  readonly usageFile: string | null;
  /** How many processes serve. */
  readonly workers: number;
  readonly warmUp: WarmUpConfig;
}

/** How long clients may take, in milliseconds. */
export interface BoundsConfig {
  /** Until the head of a request is whole. */
  readonly headers: number;
  /** Until a request is whole; not less than `headers`. */
  readonly request: number;
  /** Until they have received a response. */
  readonly response: number;
  /** Between two requests over a connection. */
  readonly keepAlive: number;
}

/** What is made ready before a supergraph serves. */
export interface WarmUpConfig {
  /** How many operations at most. */
  readonly operations: number;
  readonly milliseconds: number;
  /** A file or folder of operations that clients send. */
  readonly path: string | null;
}

const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

const toggle = z.enum(["on", "off"], "must be on or off").transform((value) => value === "on");
const text = z.string().min(1, "must not be empty");
const url = z
  .string()
  .refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), "must be an http or https URL");

/** Only signatures with a public key: a secret shared with clients' issuers has no place here, and `none` is none. */
const algorithms = [
  "EdDSA",
  "Ed25519",
  "ES256",
  "ES384",
  "ES512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
];

/** Headers that belong to one connection or one body, or that the gateway itself sends. */
const ownHeaders = new Set(
  (
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host " +
    "content-length content-type content-encoding accept accept-encoding expect x-request-id"
  ).split(" "),
);

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "must be the name of a header")
  .transform((name) => name.toLowerCase())
  .refine((name) => !ownHeaders.has(name), "names a header that cannot be passed on");

const subgraphUrl = z.string().transform((value, context) => {
  const at = value.indexOf("=");
  const [name, target] = [value.slice(0, Math.max(at, 0)), value.slice(at + 1)];
  if (name !== "" && url.safeParse(target).success) return [name, target] as const;
  context.addIssue({ code: "custom", message: "must be NAME=URL with an http or https URL" });
  return z.NEVER;
});

const overrideLabel = z
  .string()
  .regex(/^[A-Za-z][\w\-:./]*$/, "must be a label of @override; percent(x) needs no setting");

const origin = z
  .string()
  .refine(
    (value) => value === "*" || (URL.canParse(value) && new URL(value).origin === value),
    "must be an origin such as https://app.example, or *",
  );

const schema = z.object({
  supergraph: z.string("is needed").min(1, "is needed"),
  port: integer(0, 65_535).default(4000),
  host: text.default("127.0.0.1"),
  "forward-header": z.array(headerName).default([]),
  issuer: text.optional(),
  audience: text.optional(),
  jwks: text.optional(),
  "jwt-algorithms": z
    .string()
    .transform((value) => value.split(",").map((part) => part.trim()))
    .refine(
      (list) => list.every((name) => algorithms.includes(name)),
      `must be among ${algorithms.join(", ")}`,
    )
    .default(["EdDSA", "ES256", "RS256"]),
  "clock-skew": integer(0, 300).default(5),
  "identity-key": text.optional(),
  policies: text.optional(),
  "subgraph-url": z.array(subgraphUrl).default([]),
  "override-label": z.array(overrideLabel).default([]),
  "subgraph-timeout": integer(1, 600_000).default(10_000),
  "subgraph-response-limit": integer(1024, 2 ** 30).default(2 ** 25),
  "body-limit": integer(1024, 2 ** 30).default(2 ** 20),
  "headers-timeout": integer(1, 3_600_000).default(60_000),
  "request-timeout": integer(1, 3_600_000).default(300_000),
  "response-timeout": integer(1, 3_600_000).default(300_000),
  "keep-alive-timeout": integer(1, 3_600_000).default(72_000),
  "cors-origin": z.array(origin).default([]),
  "log-level": z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], "must be a level of the log")
    .default("info"),
  introspection: toggle.default(true),
  explorer: toggle.default(true),
  "explorer-query": text.optional(),
  "max-tokens": integer(1, 1_000_000).default(15_000),
  "max-depth": integer(1, 10_000).default(50),
  "max-aliases": integer(0, 1_000_000).default(500),
  "max-nesting": integer(10, 500).default(200),
  "max-selections": integer(1, 10_000_000).default(10_000),
  "planning-timeout": integer(1, 600_000).default(10_000),
  "usage-file": text.optional(),
  workers: z
    .string()
    .transform((value) => (value === "auto" ? availableParallelism() : Number(/^\d+$/.exec(value)?.[0])))
    .refine((count) => count >= 1 && count <= 512, "must be auto or a whole number from 1 to 512")
    .default(1),
  "warm-up": integer(0, 10_000).default(100),
  "warm-up-time": integer(0, 600_000).default(10_000),
  "warm-up-operations": text.optional(),
});

/**
 * Reads the configuration from the command line and the environment. Flags win.
 *
 * @param args the command line, without the program's name
 * @param environment such as `process.env`
 * @returns the configuration, or "help" where `--help` is among the flags
 * @throws ConfigError with every fault at once
 */
export function readConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): GatewayConfig | "help" {
  const faults: string[] = [];
  const flags = readFlags(args, faults);
  if (flags["help"] !== undefined) return "help";
  const names = Object.keys(settings) as SettingName[];
  const values = Object.fromEntries(
    names.map((name) => [
      name,
      flags[name] ?? readEnvironment(environment[environmentName(name)], isRepeatable(name)),
    ]),
  );
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      const source =
        flags[name] === undefined && values[name] !== undefined ? environmentName(name) : `--${name}`;
      faults.push(`${source}: ${issue.message}`);
    }
  }
  faults.push(...faultsTogether(values));
  // As node:http wants it.
  if (parsed.success && parsed.data["headers-timeout"] > parsed.data["request-timeout"])
    faults.push("--headers-timeout: must not be more than --request-timeout, which is for the whole request");
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  return shape(parsed.data);
}

/** Faults of settings that do not go together; looked for whatever else is wrong. */
function faultsTogether(values: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  const { issuer } = values;
  const pair = (["audience", "jwks"] as const).flatMap((name) => {
    if (issuer !== undefined && values[name] === undefined) return [`--${name}: is needed with --issuer`];
    return issuer === undefined && values[name] !== undefined
      ? [`--${name}: has no use without --issuer`]
      : [];
  });
  const forwarded = [values["forward-header"] ?? []].flat().map((name) => name.toLowerCase());
  if (issuer === undefined || !forwarded.includes("authorization")) return pair;
  return [
    ...pair,
    "--forward-header: authorization cannot be passed on with --issuer, as subgraphs get the gateway's own token",
  ];
}

function readFlags(args: readonly string[], faults: string[]): Record<string, string | string[] | undefined> {
  const options = Object.fromEntries(
    Object.keys(settings).map((name) => [
      name,
      { type: "string" as const, multiple: isRepeatable(name as SettingName) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: "boolean" } },
    strict: false,
    tokens: true,
  });
  const flags: Record<string, string | string[] | undefined> = {};
  let unknownAt = Number.NaN;
  for (const token of tokens) {
    // What follows an unknown flag is its value, as far as anybody can tell.
    if (token.kind === "positional" && token.index !== unknownAt + 1)
      faults.push(`${token.value}: is no flag`);
    if (token.kind !== "option") continue;
    if (token.name === "help") flags["help"] = "on";
    else if (!Object.hasOwn(settings, token.name)) {
      unknownAt = token.index;
      faults.push(`${token.rawName}: is no flag of the gateway; see --help`);
    } else if (token.value === undefined) faults.push(`${token.rawName}: needs a value`);
    else if (isRepeatable(token.name as SettingName))
      flags[token.name] = [flags[token.name] ?? [], token.value].flat();
    else flags[token.name] = token.value;
  }
  return flags;
}

function readEnvironment(value: string | undefined, repeatable: boolean): string | string[] | undefined {
  if (value === undefined || value === "") return undefined;
  return repeatable ? value.split(",").map((part) => part.trim()) : value;
}

function shape(values: z.output<typeof schema>): GatewayConfig {
  const { issuer, audience, jwks } = values;
  return Object.freeze({
    supergraph: values.supergraph,
    port: values.port,
    host: values.host,
    forwardHeaders: values["forward-header"],
    authentication:
      issuer === undefined || audience === undefined || jwks === undefined
        ? null
        : Object.freeze({
            issuer,
            audience,
            jwks,
            algorithms: values["jwt-algorithms"],
            clockSkewSeconds: values["clock-skew"],
          }),
    identityKey: values["identity-key"] ?? null,
    policies: values.policies ?? null,
    subgraphUrls: Object.freeze(Object.fromEntries(values["subgraph-url"])),
    overrideLabels: values["override-label"],
    subgraphTimeoutMilliseconds: values["subgraph-timeout"],
    subgraphResponseLimitBytes: values["subgraph-response-limit"],
    bodyLimitBytes: values["body-limit"],
    bounds: Object.freeze({
      headers: values["headers-timeout"],
      request: values["request-timeout"],
      response: values["response-timeout"],
      keepAlive: values["keep-alive-timeout"],
    }),
    corsOrigins: values["cors-origin"],
    logLevel: values["log-level"],
    introspection: values.introspection,
    explorer: values.explorer,
    explorerQuery: values["explorer-query"] ?? null,
    maxTokens: values["max-tokens"],
    maxDepth: values["max-depth"],
    maxAliases: values["max-aliases"],
    maxNesting: values["max-nesting"],
    maxSelections: values["max-selections"],
    planningTimeoutMilliseconds: values["planning-timeout"],
    usageFile: values["usage-file"] ?? null,
    workers: values.workers,
    warmUp: Object.freeze({
      operations: values["warm-up"],
      milliseconds: values["warm-up-time"],
      path: values["warm-up-operations"] ?? null,
    }),
  });
}

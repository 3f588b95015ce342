import { z } from "zod";

const port = z.coerce
  .number("must be a port number")
  .int("must be a whole number")
  .min(0, "must be 0 to 65535")
  .max(65_535, "must be 0 to 65535");
const count = (least: number, most: number) =>
  z.coerce
    .number("must be a number")
    .int("must be a whole number")
    .min(least, `must be ${least} to ${most}`)
    .max(most, `must be ${least} to ${most}`);

const place = {
  /** The port to listen on; 0 takes any that is free. */
  PORT: port.default(0),
  /** The address to listen on. */
  HOST: z.string().default("127.0.0.1"),
};
const rest = {
  /** The broker between the contexts; without one, messages wait in the outbox. */
  BROKER_URL: z
    .url({
      protocol: /^(postgres(ql)?|nats|tls)$/,
      error: "must be a URL such as postgresql://role:password@host:5432/broker or nats://host:4222",
    })
    .optional(),
  /** The port of Prometheus' metrics, at `/metrics`; 0 takes any that is free. Without it there are none. */
  METRICS_PORT: port.optional(),
  /** Where the gateway's public keys are: a URL, or the path of a file. */
  IDENTITY_JWKS: z.string("is required: where the gateway's public keys are, a URL or the path of a file"),
  LOG_LEVEL: z
    .enum(
      ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
      "must be fatal, error, warn, info, debug, trace or silent",
    )
    .default("info"),
  /** `off` answers every key by a statement of its own: for measuring what batching saves, and for nothing else. */
  BATCHING: z.enum(["on", "off"], "must be on or off").default("on"),
  /** The largest request body, in bytes. */
  BODY_LIMIT_BYTES: count(1024, 1_073_741_824).default(10_485_760),
  /** How long the head of a request may take to arrive, in milliseconds. */
  HEADERS_TIMEOUT_MS: count(1, 3_600_000).default(60_000),
  /** How long a whole request may take to arrive, in milliseconds. */
  REQUEST_TIMEOUT_MS: count(1, 3_600_000).default(300_000),
};

type Timeouts = { readonly HEADERS_TIMEOUT_MS: number; readonly REQUEST_TIMEOUT_MS: number };
const fits = (settings: Timeouts) => settings.HEADERS_TIMEOUT_MS <= settings.REQUEST_TIMEOUT_MS;
const unfit = {
  path: ["HEADERS_TIMEOUT_MS"],
  error: "must not be more than REQUEST_TIMEOUT_MS, which is for the whole request",
};

/** What a subgraph reads from its environment, by the names it reads, that has no PostgreSQL database. */
export const serverSettings = z.object({ ...place, ...rest }).refine(fits, unfit); // as node:http wants it

/** The settings of a subgraph that has no PostgreSQL database, parsed. */
export type ServerConfig = Readonly<z.output<typeof serverSettings>>;

/** What each other subgraph reads from its environment. A subgraph extends it with its own. */
export const subgraphSettings = z
  .object({
    ...place,
    /** The context's own PostgreSQL database. */
    DATABASE_URL: z.url({
      protocol: /^postgres(ql)?$/,
      error: "must be a URL such as postgresql://role:password@host:5432/database",
    }),
    /** How many connections to the database at most. */
    DATABASE_POOL_SIZE: count(1, 1000).default(10),
    /**
     * The context's database once more, as a role that may replicate and owns the outbox, or as a superuser: the relay is
     * told by the write-ahead log what was written. Without it, it asks the outbox.
     */
    OUTBOX_WAL_URL: z
      .url({
        protocol: /^postgres(ql)?$/,
        error: "must be a URL such as postgresql://replicator:password@host:5432/database",
      })
      .optional(),
    ...rest,
  })
  .refine(fits, unfit);

/** The settings of a subgraph, parsed. */
export type SubgraphConfig = Readonly<z.output<typeof subgraphSettings>>;

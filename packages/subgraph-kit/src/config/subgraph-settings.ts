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

/** What each subgraph reads from its environment, by the names it reads. A subgraph extends it with its own. */
export const subgraphSettings = z.object({
  /** The port to listen on; 0 takes any that is free. */
  PORT: port.default(0),
  /** The address to listen on. */
  HOST: z.string().default("127.0.0.1"),
  /** The context's own PostgreSQL database. */
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: "must be a URL such as postgresql://role:password@host:5432/database",
  }),
  /** How many connections to the database at most. */
  DATABASE_POOL_SIZE: count(1, 1000).default(10),
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
});

/** The settings of a subgraph, parsed. */
export type SubgraphConfig = Readonly<z.output<typeof subgraphSettings>>;

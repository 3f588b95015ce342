import { z } from "zod";

const text = z.string("must be text").min(1, "must not be empty");

const subgraph = z.strictObject({
  /** The subgraph's name in the supergraph. */
  name: text.regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "must be letters, digits, _ and -, a letter first"),
  /** Where the gateway reaches the subgraph unless it is told otherwise. */
  url: z.url("must be a URL"),
  /** The SDL file, relative to the configuration; a pattern (`order/*.graphql`); or a list of those. */
  schema: z.union([text, z.array(text).min(1, "must name a file")], "must be a file, or a list of files"),
});

const operations = z
  .strictObject({
    /** What people call the set. */
    name: text,
    /** A folder; every `.graphql` file below it counts. */
    folder: text.optional(),
    /** A persisted-operation manifest: JSON with `operations`, each with `name` and `body`. */
    manifest: text.optional(),
    /** A file that a gateway wrote with `--usage-file`, or a folder of such files. */
    usage: text.optional(),
    /** How many days before a usage file was written operations must have been sent to count. */
    days: z.int("must be a whole number").min(1, "must be at least 1").optional(),
    /** Clients send no operations but those of complete sets; then a change that touches none of them breaks nobody. */
    complete: z.boolean("must be true or false").optional(),
  })
  .refine(
    ({ folder, manifest, usage }) =>
      [folder, manifest, usage].filter((source) => source !== undefined).length === 1,
    "must have one of folder, manifest and usage",
  )
  .refine(({ usage, days }) => usage !== undefined || days === undefined, "has days, but no usage")
  .refine(
    ({ usage, days, complete }) => usage === undefined || complete !== true || days !== undefined,
    "is declared complete, and so must say of how many days",
  );

const severity = z.enum(["warn", "error"], 'must be "warn" or "error", or a list of that and options');
const count = z.int("must be a whole number").min(0, "must not be negative").optional();

const lint = z.strictObject({
  /** Rules of @graphql-eslint about schemas, by their names there: "warn", "error", or a list of that and options. */
  rules: z.record(
    z.string(),
    z.union(
      [severity, z.tuple([severity], z.unknown())],
      'must be "warn" or "error", or a list of that and options',
    ),
    "must be rules by name",
  ),
});

const thresholds = z.strictObject({
  /** How many more of each a known operation's plan may have before it is an error; 0 if left out. */
  plan: z.strictObject({ fetches: count, depth: count, sequential: count }).optional(),
  cost: z
    .strictObject({
      /** How many times as much a known operation may cost as before; 1 if left out. */
      factor: z.number("must be a number").min(1, "must be at least 1"),
    })
    .optional(),
});

const schema = z.strictObject({
  subgraphs: z
    .array(subgraph, "must be a list of subgraphs")
    .min(1, "must have at least one subgraph")
    .superRefine((list, context) => {
      for (const [index, { name }] of list.entries()) {
        if (list.findIndex((other) => other.name === name) === index) continue;
        context.addIssue({ code: "custom", path: [index, "name"], message: `"${name}" is taken already` });
      }
    }),
  /** Where the composed schemas go, relative to the configuration. */
  output: z.strictObject({ supergraph: text, api: text }, "must name the two files to write"),
  /** Operations that clients are known to send. */
  operations: z.array(operations, "must be a list of sets").optional(),
  /** The folder of approvals, one YAML file each. */
  approvals: text.optional(),
  lint: lint.optional(),
  thresholds: thresholds.optional(),
});

/** What `schema.config.ts` exports by default. Paths are relative to the file itself. */
export type SchemaConfig = z.input<typeof schema>;

/**
 * Checks a configuration.
 *
 * @returns the configuration, or every fault in it, each as `<path>: <what is wrong>`
 */
export function parseSchemaConfig(value: unknown): { config: SchemaConfig } | { faults: string[] } {
  const result = schema.safeParse(value, { error: () => undefined });
  if (result.success) return { config: result.data };
  return {
    faults: result.error.issues.map(
      (issue) => `${issue.path.length === 0 ? "the default export" : issue.path.join(".")}: ${issue.message}`,
    ),
  };
}

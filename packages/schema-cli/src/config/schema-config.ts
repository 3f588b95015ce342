import { z } from "zod";

const text = z.string("must be text").min(1, "must not be empty");

const subgraph = z.strictObject({
  /** The subgraph's name in the supergraph. */
  name: text.regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "must be letters, digits, _ and -, a letter first"),
  /** Where the gateway reaches the subgraph unless it is told otherwise. */
  url: z.url("must be a URL"),
  /** The SDL file, relative to the configuration. */
  schema: text,
});

const operations = z
  .strictObject({
    /** What people call the set. */
    name: text,
    /** A folder; every `.graphql` file below it counts. */
    folder: text.optional(),
    /** A persisted-operation manifest: JSON with `operations`, each with `name` and `body`. */
    manifest: text.optional(),
    /** Clients send no operations but those of complete sets; then a change that touches none of them breaks nobody. */
    complete: z.boolean("must be true or false").optional(),
  })
  .refine(
    ({ folder, manifest }) => (folder === undefined) !== (manifest === undefined),
    "must have either a folder or a manifest",
  );

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

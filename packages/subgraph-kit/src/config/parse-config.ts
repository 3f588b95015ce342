import type { z } from "zod";

/** The configuration is wrong. `message` lists every fault, a line each, and is fit to be printed as it is. */
export class ConfigError extends Error {
  override name = "ConfigError";
  /** One sentence per fault: the setting's name, then what is wrong with it. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
    this.faults = faults;
  }
}

/**
 * Parses settings once into a frozen, typed object. Settings that are set to the empty string count as not set, as
 * deployment templates write them.
 *
 * @param schema what each setting must be; a zod object whose keys are the settings' names
 * @param settings names and values as text, such as `process.env`
 * @throws {ConfigError} that lists every fault by the setting's name
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  settings: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<Schema>> {
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = schema.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const name = issue.path.join(".");
      const missing = issue.code === "invalid_type" && given[name] === undefined;
      return `${name}: ${missing ? "is required" : issue.message}`;
    }),
  );
}

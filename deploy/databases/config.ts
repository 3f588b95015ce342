import { CONTEXTS } from "@tributary/channels/contexts";

export interface DatabasesConfig {
  /** Host and port of the database server. */
  readonly host: string;
  readonly superuserPasswordFile: string;
  /** Connection URLs of the databases of each context and of the broker. */
  readonly urls: readonly string[];
}

/** @param environment such as `process.env` @throws Error that names every setting that is missing */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): DatabasesConfig {
  const names = [
    "DATABASE_HOST",
    "SUPERUSER_PASSWORD_FILE",
    ...CONTEXTS.map((context) => `${context.toUpperCase()}_DATABASE_URL`),
    "BROKER_URL",
  ];
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0) throw new Error(`Settings are missing: ${missing.join(", ")}`);
  const [host, superuserPasswordFile, ...urls] = names.map((name) => environment[name]!);
  return Object.freeze({ host: host!, superuserPasswordFile: superuserPasswordFile!, urls });
}

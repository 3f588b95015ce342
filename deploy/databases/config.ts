export interface DatabasesConfig {
  /** Host and port of the database server. */
  readonly host: string;
  readonly superuserPasswordFile: string;
  /** Of each context. */
  readonly urls: readonly string[];
}

/** @param environment such as `process.env` @throws Error that names every setting that is missing */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): DatabasesConfig {
  const names = [
    "DATABASE_HOST",
    "SUPERUSER_PASSWORD_FILE",
    "CUSTOMER_DATABASE_URL",
    "ORDER_DATABASE_URL",
    "PAYMENT_DATABASE_URL",
  ];
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0) throw new Error(`Settings are missing: ${missing.join(", ")}`);
  const [host, superuserPasswordFile, ...urls] = names.map((name) => environment[name]!);
  return Object.freeze({ host: host!, superuserPasswordFile: superuserPasswordFile!, urls });
}

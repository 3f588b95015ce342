import { SecretsError } from "./secrets-error.ts";

const externalSettings = ["GATEWAY_ISSUER", "GATEWAY_AUDIENCE", "GATEWAY_JWKS"] as const;

export interface SecretsConfig {
  readonly folder: string;
  readonly databaseHost: string;
  readonly trialIssuer: boolean;
}

/**
 * Reads where secrets go, and whether clients' tokens come from outside (GATEWAY_ISSUER, GATEWAY_AUDIENCE and
 * GATEWAY_JWKS, all or none) or from an issuer for trials, which has no place in production (NODE_ENV).
 *
 * @param environment such as `process.env`
 * @throws SecretsError that lists every fault by the setting's name
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): SecretsConfig {
  const faults: string[] = [];
  const missing = externalSettings.filter((name) => !environment[name]);
  const trialIssuer = missing.length === externalSettings.length;
  if (trialIssuer && environment["NODE_ENV"] === "production") {
    faults.push(
      "NODE_ENV: is production, and there tokens come from an identity provider, not from the issuer for trials: " +
        `set ${externalSettings.join(", ")}`,
    );
  } else if (!trialIssuer) {
    for (const name of missing)
      faults.push(`${name}: is needed with the others of ${externalSettings.join(", ")}`);
  }
  for (const name of ["SECRETS_FOLDER", "DATABASE_HOST"])
    if (!environment[name]) faults.push(`${name}: is needed`);
  if (faults.length > 0) {
    throw new SecretsError(
      `The configuration has faults:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
  }
  return Object.freeze({
    folder: environment["SECRETS_FOLDER"]!,
    databaseHost: environment["DATABASE_HOST"]!,
    trialIssuer,
  });
}

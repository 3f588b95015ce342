import { InvalidArgumentError } from "commander";
import { StackError } from "./error.ts";

/** What this process was started with; children get it too. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env };
}

/** Where the local stack keeps its files: the flag, else `TRIBUTARY_DATA`, else `.data` in the repository. */
export function dataDirFrom(env: NodeJS.ProcessEnv, flag?: string): string {
  return flag ?? (env["TRIBUTARY_DATA"] || ".data");
}

/** Who vouches for people: somebody whom the gateway's own settings name, or the local issuer. */
export type IssuerChoice =
  { readonly local: true } | { readonly local: false; issuer: string; audience: string };

/**
 * The local issuer makes a token for whoever asks, so it is for a machine of one's own.
 *
 * @throws StackError in production, unless the gateway's settings name an issuer
 */
export function chooseIssuer(env: NodeJS.ProcessEnv): IssuerChoice {
  const issuer = env["GATEWAY_ISSUER"];
  if (issuer) return { local: false, issuer, audience: env["GATEWAY_AUDIENCE"] ?? "" };
  if (env["NODE_ENV"] === "production") {
    throw new StackError(
      "NODE_ENV is production, where the local issuer does not run: it hands a token to whoever asks. " +
        "Name your own (GATEWAY_ISSUER, GATEWAY_AUDIENCE, GATEWAY_JWKS), or unset NODE_ENV",
    );
  }
  return { local: true };
}

/** For commander: a whole number of a range. */
export function integer(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };

/** For commander: `12h` as 43200. At most a year. */
export function seconds(text: string): number {
  const [, count, unit] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
  const value = Number(count) * SECONDS[unit as keyof typeof SECONDS];
  if (value > 0 && value <= 366 * SECONDS.d) return value;
  throw new InvalidArgumentError("It must be a time such as 90s, 30m, 12h or 7d.");
}

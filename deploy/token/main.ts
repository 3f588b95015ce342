import { existsSync } from "node:fs";
import { issueToken } from "@tributary/stack/local-issuer";
import { readConfig, TokenError } from "./config.ts";

/** As long as those of the local stack. */
const lifetimeSeconds = 12 * 60 * 60;

// Prints a token for the trial, and nothing else.
try {
  const { person, customerId, issuerKey } = readConfig(process.argv.slice(2), process.env);
  if (!existsSync(issuerKey)) throw new TokenError("There is no key to sign with: start the system first.");
  console.log(await issueToken({ issuerKey }, { person, customerId, lifetimeSeconds }));
} catch (error) {
  if (!(error instanceof TokenError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

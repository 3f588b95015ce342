import { readConfig } from "./config.ts";
import { SecretsError } from "./secrets-error.ts";
import { makeSecrets } from "./secrets.ts";

try {
  const config = readConfig(process.env);
  const made = await makeSecrets(config);
  console.log(made.length === 0 ? "The secrets are there." : `Made: ${made.join(", ")}`);
  if (config.trialIssuer) {
    console.log(
      "Clients' tokens come from an issuer of this machine's own, for a trial: whoever may run containers here may be anybody. " +
        "For production, set GATEWAY_ISSUER, GATEWAY_AUDIENCE and GATEWAY_JWKS.",
    );
  }
} catch (error) {
  if (!(error instanceof SecretsError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

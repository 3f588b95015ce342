import { parseArgs } from "node:util";
import { generatedId, SAMPLE_CUSTOMER } from "@tributary/datasets";
import { PEOPLE, type Person } from "@tributary/stack/people";

/** A token that cannot be made. The message is for people and says what to do. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

export interface TokenConfig {
  readonly person: Person;
  readonly customerId: string;
  /** File of the private key that the trial's tokens are signed with. */
  readonly issuerKey: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads whose token is asked for: `customer|support|finance|admin [--customer ID]`.
 *
 * @param args the command line, without the program's name
 * @param environment such as `process.env`
 * @throws TokenError
 */
export function readConfig(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): TokenConfig {
  if (environment["GATEWAY_ISSUER"] || environment["NODE_ENV"] === "production") {
    throw new TokenError("Tokens come from the identity provider that GATEWAY_ISSUER names: ask it for one.");
  }
  const usage = `usage: token ${PEOPLE.join("|")} [--customer ID]`;
  const { values, positionals } = readArguments(args, usage);
  const [person, ...rest] = positionals;
  if (!isPerson(person) || rest.length > 0) throw new TokenError(usage);
  const customerId = values.customer ?? generatedId("customers", SAMPLE_CUSTOMER);
  if (!uuid.test(customerId)) throw new TokenError(`--customer: must be a customer's id, a UUID\n${usage}`);
  const issuerKey = environment["ISSUER_KEY"];
  if (!issuerKey) throw new TokenError("ISSUER_KEY: is needed");
  return Object.freeze({ person, customerId, issuerKey });
}

function isPerson(text: string | undefined): text is Person {
  return (PEOPLE as readonly (string | undefined)[]).includes(text);
}

function readArguments(args: readonly string[], usage: string) {
  try {
    return parseArgs({ args: [...args], options: { customer: { type: "string" } }, allowPositionals: true });
  } catch (cause) {
    throw new TokenError(usage, { cause });
  }
}

import { z } from "zod";

const value = z.union([z.string(), z.number(), z.boolean()]);

/** `{ "staff": { "claim": "roles", "anyOf": ["support", "finance"] } }` */
const schema = z.record(
  z.string(),
  z.strictObject({ claim: z.string().min(1), anyOf: z.array(value).min(1) }),
);

/** The claims of who is asking. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the names in `@policy` mean. */
export interface Policies {
  has(name: string): boolean;
  /** True where the claims satisfy the policy; false for a name that is not defined. */
  allows(name: string, claims: Claims): boolean;
}

/** The policies' definitions have faults. */
export class PoliciesError extends Error {
  override readonly name = "PoliciesError";
}

/**
 * Reads the definitions of policies. A policy holds where the claim, or one of its items where it is a list, is among
 * the values of `anyOf`.
 *
 * @param text JSON, or null where there are none
 * @throws PoliciesError with every fault
 */
export function readPolicies(text: string | null): Policies {
  const definitions = text === null ? {} : parse(text);
  return {
    has: (name) => Object.hasOwn(definitions, name),
    allows(name, claims) {
      const policy = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
      if (policy === undefined || !Object.hasOwn(claims, policy.claim)) return false;
      const claim = claims[policy.claim];
      const held: unknown[] = Array.isArray(claim) ? claim : [claim];
      return policy.anyOf.some((wanted) => held.includes(wanted));
    },
  };
}

function parse(text: string): z.output<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PoliciesError(`The policies are not JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`);
  throw new PoliciesError(`The policies have faults:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
}

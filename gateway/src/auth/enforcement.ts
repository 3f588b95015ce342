import type { DocumentNode } from "graphql";
import { addImpliedRequirements } from "./implied-requirements.ts";
import type { Policies } from "./policies.ts";
import { type DirectiveNames, policiesIn, readRequirements, type Requirements } from "./requirements.ts";

export interface EnforcementOptions {
  /** Whether an issuer is configured, so that callers can be told apart. */
  readonly identifiesCallers: boolean;
  readonly policies: Policies;
}

/** A supergraph asks for rules that this gateway, as it is configured, does not enforce. */
export class EnforcementError extends Error {
  override readonly name = "EnforcementError";
}

/**
 * The requirements of a supergraph, where all of them can be enforced.
 *
 * @throws EnforcementError with what is missing and the flag to set; RequirementError
 */
export function requireEnforcement(
  supergraph: DocumentNode,
  names: DirectiveNames,
  options: EnforcementOptions,
): Requirements {
  const requirements = addImpliedRequirements(readRequirements(supergraph, names), supergraph);
  const used = requirements.directivesUsed;
  if (used.length > 0 && !options.identifiesCallers) {
    throw new EnforcementError(
      `The supergraph says who may see what (${shorten(used)}), but no issuer of tokens is configured, so that nothing ` +
        "would enforce it. Set --issuer, --audience and --jwks.",
    );
  }
  const missing = policiesIn(requirements).filter((name) => !options.policies.has(name));
  if (missing.length > 0) {
    throw new EnforcementError(
      `The supergraph's @policy names are not all defined: ${missing.map((name) => `"${name}"`).join(", ")}. ` +
        "Define them in the file that --policies names.",
    );
  }
  return requirements;
}

function shorten(used: readonly string[]): string {
  const shown = used.slice(0, 5).join(", ");
  return used.length > 5 ? `${shown} and ${used.length - 5} more` : shown;
}

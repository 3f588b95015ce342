const messages = {
  missing: "A token is needed and the request has none.",
  malformed: "The authorization header holds no well-formed bearer token.",
  expired: "The token has expired.",
  "not-yet-valid": "The token is not valid yet.",
  signature: "The token's signature is not valid.",
  key: "The token was signed with a key that is not known here.",
  algorithm: "The token was signed with an algorithm that is not taken here.",
  issuer: "The token is from another issuer.",
  audience: "The token is for another audience.",
  claims: "The token lacks a claim that is needed, or has one of a wrong form.",
  "keys-unavailable": "The keys that tokens are checked with cannot be read now.",
} as const;

/** Why a token was refused. `keys-unavailable` is the verifier's own trouble; all others are the token's. */
export type IdentityErrorReason = keyof typeof messages;

/** A token was refused. Its message names the class of fault and holds nothing of the token: it may reach the client. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
  readonly reason: IdentityErrorReason;

  constructor(reason: IdentityErrorReason, options?: ErrorOptions) {
    super(messages[reason], options);
    this.reason = reason;
  }
}

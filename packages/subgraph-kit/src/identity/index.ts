export { bearerChallenge, hasSeveralAuthorizations, parseBearer } from "./bearer.ts";
export { IdentityError, type IdentityErrorReason } from "./identity-error.ts";
export {
  anonymous,
  gatewayIssuer,
  type Identity,
  type IdentityClaims,
  identityOfGatewayToken,
  identityOfUserToken,
} from "./identity.ts";
export {
  createIdentityIssuer,
  createIdentityKey,
  type IdentityIssuer,
  type IdentityIssuerOptions,
  publicIdentityKey,
} from "./issuer.ts";
export { createKeySet, isKeysUrl, type KeySet, KeysError, type KeySource } from "./keys.ts";
export {
  createIdentityVerifier,
  createTokenVerifier,
  type IdentityVerifier,
  type IdentityVerifierOptions,
  type TokenVerifier,
  type TokenVerifierOptions,
} from "./verifier.ts";

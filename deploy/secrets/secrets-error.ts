/** Why there are no secrets. The message is for people and says what to do. */
export class SecretsError extends Error {
  override readonly name = "SecretsError";
}

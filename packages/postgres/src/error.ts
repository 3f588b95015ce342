/** Why a server could not be made, started or stopped. The message is for people and says what to do. */
export class PostgresError extends Error {
  override readonly name = "PostgresError";
}

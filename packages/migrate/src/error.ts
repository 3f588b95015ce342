/** What stands in the way of a migration. */
export type MigrationErrorCode =
  | "BAD_DATABASE_URL"
  | "UNREACHABLE"
  | "LOCKED"
  | "BAD_FOLDER"
  | "FAILED_MIGRATION"
  | "EDITED_MIGRATION"
  | "DATABASE_AHEAD"
  | "NOT_EMPTY"
  | "SQL_FAILED"
  | "UNKNOWN_MIGRATION"
  | "ENGINE";

/** A fault that a person can do something about; the message says what, and never holds a password. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  readonly code: MigrationErrorCode;

  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ImportErrorCode =
  /** A file is missing, unreadable or empty, or its header lacks a column. */
  | "BAD_INPUT"
  /** What stands in the databases is not what the files say. */
  | "NOT_RECONCILED"
  /** Rows were rejected, and that was not to be. */
  | "REJECTED_ROWS";

/** Why nothing was imported. The message is for people. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly code: ImportErrorCode;

  constructor(code: ImportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

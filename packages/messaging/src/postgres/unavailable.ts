/** A database cannot be reached, or ended the session: the same work may succeed once it is back. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

const SOCKET = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;
/**
 * Connection exceptions, resources that are short, an operator's intervention, a read-only standby, I/O errors, and a lock
 * that something else held for longer than `lock_timeout`, such as an import that fills the table.
 */
const STATE = /^(08...|53...|57P0\d|25006|55P03|58...)$/;
/** What node-postgres says without a code. */
const WORDS =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable/i;

/** Tells whether an error of node-postgres is about the connection or the server, and not about the statement. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  // These end the session, or keep it from beginning, whatever their code: 55000 where a database takes no connections.
  if (severity === "FATAL" || severity === "PANIC") return true;
  return typeof code === "string" ? SOCKET.test(code) || STATE.test(code) : WORDS.test(error.message);
}

/** Gives the error as a StoreUnavailableError where it is one in substance, else unchanged. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError || !isUnavailable(error)) return error;
  return new StoreUnavailableError(`the database is away: ${(error as Error).message || String(error)}`, {
    cause: error,
  });
}

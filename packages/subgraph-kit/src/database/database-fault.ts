/** Why a database cannot be used now, although nothing is wrong with what it was asked. */
export interface DatabaseFault {
  /** What is wrong with the database, to be read after "the database", such as `cannot be reached`. */
  readonly reason: string;
  /** What the driver or the database said; for the log alone. */
  readonly detail: string;
  /** True where a `SELECT 1` that is answered shows that the fault is over; false where only time can tell. */
  readonly endsWithPing: boolean;
}

type Kind = Omit<DatabaseFault, "detail">;

/** Thrown by a store of another kind than PostgreSQL, which cannot be used now; its cause says what its driver said. */
export class StoreFaultError extends Error {
  override readonly name = "StoreFaultError";
}

const unreachable: Kind = { reason: "cannot be reached", endsWithPing: true };
const ended: Kind = { reason: "ended the connection", endsWithPing: true };
const starting: Kind = { reason: "is starting or stopping", endsWithPing: true };
const closed: Kind = { reason: "does not let this service in", endsWithPing: true };
const slow: Kind = { reason: "does not answer in time", endsWithPing: false };
/** Waited for a connection of the pool: a ping has to wait for one, too. */
const crowded: Kind = { reason: "does not answer in time", endsWithPing: true };
const busy: Kind = { reason: "has no connection left for this service", endsWithPing: false };
/** Waited for a lock for longer than `lock_timeout`, such as that of an import, which fills whole tables. */
const held: Kind = { reason: "is held by other work", endsWithPing: false };
const readOnly: Kind = { reason: "takes no changes", endsWithPing: false };
const full: Kind = { reason: "has run out of space or memory", endsWithPing: false };
const broken: Kind = { reason: "has a fault of its system", endsWithPing: false };

/**
 * SQLSTATEs (PostgreSQL, Appendix A), or classes of them, that speak of the database and not of the statement; the
 * longest that fits counts. A FATAL error that is none of them ended the session all the same.
 */
const bySqlState: Readonly<Record<string, Kind>> = {
  "08": unreachable,
  "25006": readOnly,
  "28": closed,
  "3D000": closed,
  "53": full,
  "53300": busy,
  "53400": busy,
  "55P03": held,
  "57014": slow,
  "57P": ended,
  "57P03": starting,
  "57P04": closed,
  "58": broken,
};

/** SQLSTATEs that speak of the database only where they keep a session from being had. */
const fatal: Readonly<Record<string, Kind>> = {
  "55000": closed, // ALLOW_CONNECTIONS is off
};

/** System errors of Node's sockets and of its resolver. */
const bySystemCode: Readonly<Record<string, Kind>> = {
  ECONNREFUSED: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETDOWN: unreachable,
  EADDRNOTAVAIL: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ENOENT: unreachable, // a socket's file
  ETIMEDOUT: unreachable,
  ECONNRESET: ended,
  ECONNABORTED: ended,
  EPIPE: ended,
};

/** What `@prisma/adapter-pg` makes of the driver's errors where it gives them a kind of its own. */
const byAdapterKind: Readonly<Record<string, Kind>> = {
  DatabaseNotReachable: unreachable,
  TlsConnectionError: unreachable,
  SocketTimeout: unreachable,
  ConnectionClosed: ended,
  AuthenticationFailed: closed,
  DatabaseAccessDenied: closed,
  DatabaseDoesNotExist: closed,
  TooManyConnections: busy,
};

/** Prisma's own codes (Prisma error reference), for errors that carry nothing of the driver's. */
const byPrismaCode: Readonly<Record<string, Kind>> = {
  P1000: closed,
  P1001: unreachable,
  P1002: crowded,
  P1003: closed,
  P1008: slow,
  P1010: closed,
  P1011: unreachable,
  P1017: ended,
  P2024: crowded,
  // A transaction got no connection in time, or lost it, or was given up as too slow.
  P2028: crowded,
  P2037: busy,
};

/** `pg` and `pg-pool` throw plain errors, known by their text alone. */
const byMessage: readonly (readonly [RegExp, Kind])[] = [
  [/^timeout exceeded when trying to connect$/, crowded],
  [/^Connection terminated due to connection timeout$/, unreachable],
  [/^timeout expired$/, unreachable],
  [/^Query read timeout$/, slow],
  [/^Connection terminated/, ended],
  [/^Client (has encountered a connection error|was closed) and is not queryable$/, ended],
  [/^The server does not support SSL connections$/, unreachable],
];

/** As deep as errors lie in errors; more is a circle. */
const DEEPEST = 8;

/**
 * Tells whether an error says that the database is lost for now: not reached, stopped, full, read-only, too busy. Knows
 * the errors of `pg`, of Node's sockets, and of Prisma with the `pg` adapter, wherever they lie in the error.
 *
 * @returns null for any other error, such as a constraint that does not hold or a statement with a mistake in it
 */
export function databaseFaultIn(error: unknown): DatabaseFault | null {
  let current = error;
  for (let depth = 0; depth < DEEPEST && isRecord(current); depth++) {
    const kind = kindOf(current);
    if (kind !== null) return { ...kind, detail: detailOf(current) };
    current = innerOf(current);
  }
  return null;
}

type ErrorRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is ErrorRecord {
  return typeof value === "object" && value !== null;
}

function kindOf(error: ErrorRecord): Kind | null {
  if (error instanceof StoreFaultError) return unreachable;
  const { kind, originalCode, code, severity, message } = error;
  // The adapter keeps the database's code beside a kind of its own.
  const sqlState = [originalCode, code].find(
    (each) => typeof each === "string" && /^[0-9A-Z]{5}$/.test(each),
  );
  if (typeof sqlState === "string" && typeof severity === "string") {
    const isOver = severity === "FATAL" || severity === "PANIC";
    return longest(bySqlState, sqlState) ?? (isOver ? (fatal[sqlState] ?? ended) : null);
  }
  if (typeof kind === "string" && Object.hasOwn(byAdapterKind, kind)) return byAdapterKind[kind] ?? null;
  if (typeof code === "string") {
    if (Object.hasOwn(bySystemCode, code) && isOfSocket(error)) return bySystemCode[code] ?? null;
    if (Object.hasOwn(byPrismaCode, code) && isPrisma(error)) return byPrismaCode[code] ?? null;
  }
  if (typeof message !== "string" || code !== undefined) return null;
  return byMessage.find(([pattern]) => pattern.test(message))?.[1] ?? null;
}

function longest(table: Readonly<Record<string, Kind>>, code: string): Kind | null {
  for (const length of [5, 3, 2]) {
    const prefix = code.slice(0, length);
    if (Object.hasOwn(table, prefix)) return table[prefix] ?? null;
  }
  return null;
}

/** Files have the same codes. */
function isOfSocket({ code, syscall }: ErrorRecord): boolean {
  return code === "ENOENT"
    ? syscall === "connect"
    : typeof syscall === "string" && /^(connect|read|write|getaddrinfo)$/.test(syscall);
}

function isPrisma({ name }: ErrorRecord): boolean {
  return typeof name === "string" && name.startsWith("PrismaClient");
}

/** What an error was made of: Prisma keeps the adapter's in `meta`, and several tried addresses are an aggregate. */
function innerOf(error: ErrorRecord): unknown {
  const { meta, cause, errors, originalError } = error;
  if (isRecord(meta) && isRecord(meta["driverAdapterError"])) return meta["driverAdapterError"];
  if (isRecord(cause)) return cause;
  if (Array.isArray(errors)) return errors[0] as unknown;
  return originalError;
}

function detailOf(error: ErrorRecord): string {
  const { originalMessage, message, kind, code } = error;
  const texts = [originalMessage, message, kind, code].filter((each) => typeof each === "string");
  return (texts.find((text) => text !== "") ?? "").slice(0, 300);
}

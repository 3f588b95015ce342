import { StoreUnavailableError } from "@tributary/messaging/protocol";
import type { TableName, Tables } from "../tables.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

/** An error of the database that is about the statement, as node-postgres gives it. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /** SQLSTATE */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A row that a transaction has written; null where it deleted it. */
export type Write = {
  [T in TableName]: {
    readonly table: T;
    readonly key: string;
    readonly before: Tables[T] | null;
    readonly after: Tables[T] | null;
  };
}[TableName];

type Row = Tables[TableName];

/**
 * A transaction at READ COMMITTED: it sees what is committed and what it wrote itself, rows that it has locked or written
 * are its own until it ends, and its writes commit together or vanish.
 */
export interface Transaction {
  readonly process: SimulatedProcess;
  /** The server's time, in whole milliseconds since 1970, as its columns have it. */
  now(): number;
  /** Runs a statement: `act` sees the tables as they are when it arrives. */
  statement<T>(what: string, act: () => T | Promise<T>): Promise<T>;
  get<T extends TableName>(table: T, key: string): Tables[T] | null;
  rows<T extends TableName>(table: T): Tables[T][];
  /** Waits until the row is this transaction's own. Rejects where that would be for ever (40P01). */
  lock(table: TableName, key: string): Promise<void>;
  /** SKIP LOCKED. */
  tryLock(table: TableName, key: string): boolean;
  /** Waits for a transaction that inserts the same key. @returns false where the key is there */
  insert<T extends TableName>(table: T, key: string, row: Tables[T]): Promise<boolean>;
  /** Writes a row that is locked, or whose lock is free. */
  put<T extends TableName>(table: T, key: string, row: Tables[T] | null): void;
  commit(): Promise<void>;
  rollback(): void;
  /** What handlers have done in it: each `<consumer> <message>`. */
  readonly effects: string[];
  /** What was asked of its store, where that is recorded. */
  readonly calls: Call[];
}

/** A call of a store, and what it gave. */
export interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly result: unknown;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface DatabaseOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  /** Told of each commit, with what it wrote. */
  readonly onCommit: (writes: readonly Write[], transaction: Transaction) => void;
  readonly trace: (who: string, what: string) => void;
  /** Whether a statement fails, and whether a commit's answer is lost. */
  readonly fails: (kind: "statement" | "commit", process: SimulatedProcess) => boolean;
  /** Whether transactions of stores run one after the other. */
  readonly isSerial: boolean;
}

/** A database server with one database: tables by name, sequences, and locks of sessions. */
export interface Database {
  readonly name: string;
  readonly isSerial: boolean;
  begin(process: SimulatedProcess): Transaction;
  /** Reads what is committed, from outside. */
  committed<T extends TableName>(table: T): Tables[T][];
  one<T extends TableName>(table: T, key: string): Tables[T] | null;
  /** Changes rows from outside, as a transaction of its own. */
  load<T extends TableName>(table: T, rows: Readonly<Record<string, Tables[T]>>): void;
  /** The next number; a transaction that is rolled back leaves a gap. */
  next(sequence: string): number;
  /** Has a sequence go on after a number. */
  setSequence(sequence: string, number: number): void;
  /** Ends what a process had open, or all: transactions roll back. */
  endSessions(process?: SimulatedProcess): void;
  /** Called when the sessions of a process are ended. */
  onEnd(listener: (process: SimulatedProcess | undefined) => void): void;
}

interface Lock {
  holder: OpenTransaction;
  readonly queue: {
    readonly transaction: OpenTransaction;
    readonly grant: () => void;
    readonly fail: (error: Error) => void;
  }[];
}

interface OpenTransaction extends Transaction {
  ended: boolean;
  waitsFor: Lock | null;
  readonly held: Set<string>;
}

const away = (what: string) => new StoreUnavailableError(`the database is away: ${what}`);

/** Creates an empty database. */
export function createDatabase(options: DatabaseOptions): Database {
  const { name, scheduler, onCommit, trace, fails, isSerial } = options;
  const tables = new Map<TableName, Map<string, Row>>();
  const locks = new Map<string, Lock>();
  const open = new Set<OpenTransaction>();
  const sequences = new Map<string, number>();
  const listeners: ((process: SimulatedProcess | undefined) => void)[] = [];

  function table(of: TableName): Map<string, Row> {
    let rows = tables.get(of);
    if (rows === undefined) tables.set(of, (rows = new Map()));
    return rows;
  }

  function release(transaction: OpenTransaction): void {
    transaction.ended = true;
    open.delete(transaction);
    if (transaction.waitsFor) {
      const { queue } = transaction.waitsFor;
      const index = queue.findIndex((waiting) => waiting.transaction === transaction);
      if (index >= 0) queue.splice(index, 1)[0]!.fail(away("the session was ended"));
      transaction.waitsFor = null;
    }
    for (const key of transaction.held) {
      const lock = locks.get(key)!;
      const next = lock.queue.shift();
      if (next === undefined) locks.delete(key);
      else {
        lock.holder = next.transaction;
        next.transaction.held.add(key);
        next.transaction.waitsFor = null;
        next.grant();
      }
    }
    transaction.held.clear();
  }

  function begin(process: SimulatedProcess): Transaction {
    const writes = new Map<TableName, Map<string, Row | null>>();
    const get = <T extends TableName>(of: T, key: string): Tables[T] | null => {
      const own = writes.get(of)?.get(key);
      return (own === undefined ? (table(of).get(key) ?? null) : own) as Tables[T] | null;
    };
    const tryLock = (of: TableName, key: string): boolean => {
      // It may have been ended right after a lock was granted, before the statement went on.
      if (transaction.ended) throw away("the session was ended");
      const id = `${of} ${key}`;
      const lock = locks.get(id);
      if (lock) return lock.holder === transaction;
      locks.set(id, { holder: transaction, queue: [] });
      transaction.held.add(id);
      return true;
    };
    const transaction: OpenTransaction = {
      process,
      effects: [],
      calls: [],
      now: () => Math.floor(scheduler.now()),
      ended: false,
      waitsFor: null,
      held: new Set(),
      get,
      tryLock,
      statement: (what, act) =>
        process.step(
          what,
          () => {
            if (transaction.ended) throw away("the session was ended");
            trace(process.name, what);
            if (fails("statement", process)) throw new DatabaseError("40001", `${what} failed by chance`);
            return act();
          },
          { to: "database", away },
        ),
      rows<T extends TableName>(of: T) {
        const own = writes.get(of);
        if (own === undefined) return [...table(of).values()] as Tables[T][];
        const all = new Map<string, Row | null>([...table(of), ...own]);
        return [...all.values()].filter((row) => row !== null) as Tables[T][];
      },
      lock(of, key) {
        if (tryLock(of, key)) return Promise.resolve();
        const lock = locks.get(`${of} ${key}`)!;
        for (let other: OpenTransaction | null = lock.holder; other; other = other.waitsFor?.holder ?? null) {
          if (other === transaction) return Promise.reject(new DatabaseError("40P01", "deadlock detected"));
        }
        transaction.waitsFor = lock;
        return new Promise((grant, fail) => lock.queue.push({ transaction, grant, fail }));
      },
      async insert(of, key, row) {
        await transaction.lock(of, key);
        if (get(of, key) !== null) return false;
        transaction.put(of, key, row);
        return true;
      },
      put(of, key, row) {
        if (!tryLock(of, key)) throw new Error(`${of} ${key} is written without a lock`);
        let own = writes.get(of);
        if (own === undefined) writes.set(of, (own = new Map()));
        own.set(key, row);
      },
      commit: () =>
        process.step(
          "COMMIT",
          () => {
            if (transaction.ended) throw away("the session was ended");
            const lost = fails("commit", process);
            const done: Write[] = [];
            for (const [of, own] of writes) {
              const rows = table(of);
              for (const [key, after] of own) {
                done.push({ table: of, key, before: rows.get(key) ?? null, after } as Write);
                if (after === null) rows.delete(key);
                else rows.set(key, after);
              }
            }
            if (done.length > 0) trace(process.name, `COMMIT${process.alive() ? "" : " (it is dead)"}`);
            release(transaction);
            onCommit(done, transaction);
            if (lost) throw away("the answer to COMMIT was lost");
          },
          { to: "database", away, outlives: true },
        ),
      rollback() {
        if (transaction.ended) return;
        if (process.reaches("database")) release(transaction);
        else scheduler.after(1_000, () => release(transaction)); // the server takes a while to notice
      },
    };
    open.add(transaction);
    return transaction;
  }

  return {
    name,
    isSerial,
    begin,
    committed: <T extends TableName>(of: T) => [...table(of).values()] as Tables[T][],
    one: <T extends TableName>(of: T, key: string) => (table(of).get(key) ?? null) as Tables[T] | null,
    load(of, rows) {
      for (const [key, row] of Object.entries(rows)) table(of).set(key, row);
    },
    next(sequence) {
      const number = (sequences.get(sequence) ?? 0) + 1;
      sequences.set(sequence, number);
      return number;
    },
    setSequence: (sequence, number) => void sequences.set(sequence, number),
    endSessions(process) {
      for (const transaction of [...open])
        if (process === undefined || transaction.process === process) release(transaction);
      for (const listener of listeners) listener(process);
    },
    onEnd: (listener) => void listeners.push(listener),
  };
}

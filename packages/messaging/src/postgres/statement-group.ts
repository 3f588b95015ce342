import pg from "pg";
import { prepareValue } from "pg/lib/utils.js";
import type { Sql } from "sql-template-tag";
import { statementName } from "./statement-name.ts";

/** As much of node-postgres' connection as is needed to write messages of the extended query protocol. */
interface Protocol {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: unknown[] }): void;
  describe(message: { type: "P"; name: string }): void;
  execute(message: { portal: string }): void;
  close(message: { type: "S"; name: string }): void;
  sync(): void;
}

/** What node-postgres keeps the rows of a statement with. */
interface Result {
  rows: object[];
  command: string | null;
  addFields(fields: unknown): void;
  parseRow(fields: unknown): object;
  addRow(row: object): void;
  addCommandComplete(message: unknown): void;
}
const createResult = (): Result => new (pg.Result as unknown as new () => Result)();

/** The statements that each connection has prepared here. */
const prepared = new WeakMap<object, Set<string>>();

/**
 * Statements that go out in one write and are answered in one: a submittable of node-postgres. They run one after the
 * other, each with a snapshot of its own. Where one fails, those behind it are not run (the server skips what comes
 * before the next Sync), so that a BEGIN that failed has no effect without a transaction, nor a COMMIT half of one.
 *
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class StatementGroup {
  /** The result of each statement, in their order; rejects with the first failure. */
  readonly results: Promise<Result[]>;
  /** How many they are, for those who count what is sent. */
  get statementCount(): number {
    return this.#statements.length;
  }
  /** Set by node-postgres where it watches for the time that a query takes. */
  callback?: () => void;
  readonly #statements: readonly { text: string; name: string | undefined; values: unknown[] }[];
  readonly #results: Result[];
  #connection: object | undefined;
  #current = 0;
  #failure: Error | undefined;
  #settle!: { resolve: (results: Result[]) => void; reject: (error: Error) => void };

  constructor(statements: readonly Pick<Sql, "text" | "values">[]) {
    this.#statements = statements.map(({ text, values }) => ({
      text,
      name: statementName(text),
      values: values.map(prepareValue),
    }));
    this.#results = statements.map(createResult);
    this.results = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  submit(connection: object): void {
    const protocol = connection as Protocol;
    const known = prepared.get(connection) ?? new Set();
    prepared.set(connection, known);
    this.#connection = connection;
    protocol.stream.cork();
    try {
      for (const { text, name, values } of this.#statements) {
        // Names of their own: node-postgres keeps count of those that it has prepared.
        const statement = name === undefined ? "" : `${name}_grouped`;
        if (name === undefined || !known.has(statement)) {
          // One that failed may or may not be there.
          if (name !== undefined) protocol.close({ type: "S", name: statement });
          protocol.parse({ name: statement, text });
        }
        protocol.bind({ statement, values });
        protocol.describe({ type: "P", name: "" });
        protocol.execute({ portal: "" });
      }
      protocol.sync();
    } finally {
      protocol.stream.uncork();
    }
  }

  handleRowDescription({ fields }: { fields: unknown }): void {
    this.#results[this.#current]?.addFields(fields);
  }

  handleDataRow({ fields }: { fields: unknown }): void {
    const result = this.#results[this.#current];
    try {
      if (result && !this.#failure) result.addRow(result.parseRow(fields));
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  handleCommandComplete(message: unknown): void {
    this.#results[this.#current]?.addCommandComplete(message);
    const name = this.#statements[this.#current]?.name;
    if (name !== undefined && this.#connection) prepared.get(this.#connection)?.add(`${name}_grouped`);
    this.#current += 1;
  }

  handleReadyForQuery(): void {
    if (this.#failure) return this.handleError(this.#failure);
    this.callback?.();
    this.#settle.resolve(this.#results);
  }

  handleError(error: Error): void {
    this.callback?.();
    this.#settle.reject(error);
  }
}

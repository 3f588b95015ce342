import { errors } from "undici";
import type { HttpTransportSettings } from "../transport-options.ts";
import { Connection, type ConnectionOwner, type Exchange } from "./connection.ts";
import type { Deadlines } from "./deadlines.ts";

/** The connections to one origin, and the exchanges that wait for one. */
export class OriginConnections implements ConnectionOwner {
  readonly settings: HttpTransportSettings;
  readonly deadlines: Deadlines;
  readonly host: string;
  readonly port: number;
  readonly #connections = new Set<Connection>();
  /** The one used last is used next, so that those that are not needed grow old. */
  readonly #free: Connection[] = [];
  /** Those that are about to be started. */
  readonly #careful = new Set<Exchange>();
  /** Those that there is no connection for, in order. */
  readonly #waiting = new Set<Exchange>();
  #closing: PromiseWithResolvers<void> | null = null;

  constructor({ hostname, port }: URL, settings: HttpTransportSettings, deadlines: Deadlines) {
    this.settings = settings;
    this.deadlines = deadlines;
    this.host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
    this.port = port === "" ? 80 : Number(port);
  }

  /** Starts an exchange when there is a connection for it. */
  start(exchange: Exchange): void {
    if (this.#closing === null) this.#start(exchange);
    else exchange.onFailure(new errors.ClientClosedError(), false);
  }

  /**
   * The same for what cannot be sent again. That a subgraph has closed a connection that rested is read before, where it
   * is there to be read.
   */
  startCarefully(exchange: Exchange): void {
    if (this.#closing !== null) return exchange.onFailure(new errors.ClientClosedError(), false);
    this.#careful.add(exchange);
    // The first comes before the system is asked again what there is to be read, the second after it.
    setImmediate(() =>
      setImmediate(() => {
        if (this.#careful.delete(exchange)) this.#start(exchange);
      }),
    );
  }

  #start(exchange: Exchange): void {
    const free = this.#free.pop();
    if (free !== undefined) free.start(exchange);
    else if (this.#hasRoom()) this.startOnNew(exchange);
    else this.#waiting.add(exchange);
  }

  /** Starts an exchange on a connection that nobody has used. */
  startOnNew(exchange: Exchange): void {
    const connection = new Connection(this);
    this.#connections.add(connection);
    connection.start(exchange);
  }

  /** Ends an exchange early, and the connection that it is on. */
  abandon(exchange: Exchange): void {
    if (this.#careful.delete(exchange) || this.#waiting.delete(exchange)) return this.#closeIfUnused();
    for (const connection of this.#connections) {
      if (connection.exchange === exchange) connection.destroy();
    }
  }

  onFree(connection: Connection): void {
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
      connection.start(next);
    } else if (this.#closing === null) this.#free.push(connection);
    else connection.destroy();
  }

  onGone(connection: Connection): void {
    this.#connections.delete(connection);
    const index = this.#free.indexOf(connection);
    if (index !== -1) this.#free.splice(index, 1);
    const [next] = this.#waiting;
    if (next !== undefined && this.#hasRoom()) {
      this.#waiting.delete(next);
      this.startOnNew(next);
    } else this.#closeIfUnused();
  }

  /** Waits for what is under way, then closes all connections. */
  async close(): Promise<void> {
    this.#closing ??= Promise.withResolvers();
    for (const connection of [...this.#free]) connection.destroy();
    this.#closeIfUnused();
    await this.#closing.promise;
  }

  #closeIfUnused(): void {
    if (this.#connections.size === 0 && this.#careful.size === 0) this.#closing?.resolve();
  }

  #hasRoom(): boolean {
    const { connections } = this.settings;
    return connections === null || this.#connections.size < connections;
  }
}

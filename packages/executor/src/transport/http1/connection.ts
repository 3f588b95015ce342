import { connect, type Socket } from "node:net";
import { errors } from "undici";
import type { HttpTransportSettings } from "../transport-options.ts";
import type { Deadlines, Watched } from "./deadlines.ts";
import type { RequestText } from "./request-text.ts";
import type { WholeBody } from "../http-call.ts";
import type { ResponseHead } from "./response-head.ts";
import { ResponseReader } from "./response-reader.ts";

/** One exchange over a connection. */
export interface Exchange {
  readonly text: RequestText;
  onResponse(head: ResponseHead, body: WholeBody): void;
  /** @param hasBegun whether a byte of the answer had come */
  onFailure(error: unknown, hasBegun: boolean): void;
}

export interface ConnectionOwner {
  readonly settings: HttpTransportSettings;
  readonly deadlines: Deadlines;
  readonly host: string;
  readonly port: number;
  /** The connection can take an exchange. */
  onFree(connection: Connection): void;
  /** The connection is gone; told once. */
  onGone(connection: Connection): void;
}

const READ_BYTES = 64 * 1024;

/** Servers close idle connections when they said they would, and what is sent just then is lost. */
const KEEP_ALIVE_MARGIN = 1_000;

/** A connection of HTTP/1.1 over plain TCP, with one exchange at a time. */
export class Connection implements Watched {
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  #exchange: Exchange | null = null;
  #reader: ResponseReader | null = null;
  #connecting = true;
  #gone = false;
  #unreferenced = false;
  /** On the clock of `performance.now()`. */
  #deadline = Number.POSITIVE_INFINITY;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
    const { host, port, settings, deadlines } = owner;
    const memory = Buffer.allocUnsafeSlow(READ_BYTES);
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      onread: {
        buffer: memory,
        callback: (length) => {
          this.#onData(memory.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on("connect", () => {
      this.#connecting = false;
      if (this.#exchange !== null) this.#wait(settings.headersTimeout);
    });
    this.#socket.on("end", () => this.#onEnd());
    this.#socket.on("error", (error) => this.#end(error));
    this.#socket.on("close", () => this.#end(new errors.SocketError("closed")));
    this.#wait(settings.connectTimeout);
    deadlines.watch(this);
  }

  /** Sends a request; its answer, or failure, is told to the exchange. */
  start(exchange: Exchange): void {
    const { settings } = this.#owner;
    this.#exchange = exchange;
    this.#reader = new ResponseReader(settings.responseLimitBytes);
    if (!this.#connecting) this.#wait(settings.headersTimeout);
    if (this.#unreferenced) {
      this.#unreferenced = false;
      this.#socket.ref();
    }
    const { head, body } = exchange.text;
    if (body === null) {
      this.#socket.write(head, "latin1");
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body, "utf8");
    this.#socket.uncork();
  }

  /** What is under way. */
  get exchange(): Exchange | null {
    return this.#exchange;
  }

  /** Ends the connection, and with it what is under way. */
  destroy(): void {
    this.#end(new errors.SocketError("closed"));
  }

  look(now: number): void {
    if (this.#exchange === null && !this.#unreferenced) {
      // A connection that rests must not keep a process alive.
      this.#unreferenced = true;
      this.#socket.unref();
    }
    if (this.#deadline <= now) this.#end(this.#lateness());
  }

  #lateness(): Error | null {
    if (this.#exchange === null) return null;
    if (this.#connecting) {
      const { host, port, settings } = this.#owner;
      return new errors.ConnectTimeoutError(
        `Connect Timeout Error (attempted address: ${host}:${port}, timeout: ${settings.connectTimeout}ms)`,
      );
    }
    return this.#reader?.head === null ? new errors.HeadersTimeoutError() : new errors.BodyTimeoutError();
  }

  #wait(milliseconds: number): void {
    this.#deadline = milliseconds === 0 ? Number.POSITIVE_INFINITY : performance.now() + milliseconds;
  }

  #onData(bytes: Buffer): void {
    const reader = this.#reader;
    if (this.#gone) return;
    // Whatever this answers, it is nothing that was asked.
    if (reader === null) return this.#end(null);
    try {
      const end = reader.read(bytes);
      if (end !== -1) this.#finish(reader, end === bytes.length);
      else if (reader.head !== null) this.#wait(this.#owner.settings.bodyTimeout);
    } catch (error) {
      this.#end(error);
    }
  }

  #onEnd(): void {
    const reader = this.#reader;
    if (reader?.head?.bodyLength !== "until-close") {
      return this.#end(new errors.SocketError("other side closed"));
    }
    try {
      this.#finish(reader, false);
    } catch (error) {
      this.#end(error);
    }
  }

  /** @throws Error where the body cannot be decoded */
  #finish(reader: ResponseReader, isClean: boolean): void {
    const head = reader.head as ResponseHead;
    const body = reader.body();
    const exchange = this.#exchange as Exchange;
    this.#exchange = null;
    this.#reader = null;
    // A request that is not wholly written when its answer is there will never be.
    if (isClean && head.persistent && this.#socket.writableLength === 0)
      this.#rest(head.headers["keep-alive"]);
    else this.#end(null);
    exchange.onResponse(head, body);
  }

  /** @param hint how long the subgraph keeps the connection, if it says so */
  #rest(hint: string | undefined): void {
    const told = hint?.match(/(?:^|,)\s*timeout=(\d{1,9})/i)?.[1];
    const rest =
      told === undefined ? this.#owner.settings.keepAliveTimeout : Number(told) * 1_000 - KEEP_ALIVE_MARGIN;
    if (rest <= 0) return this.#end(null);
    this.#wait(rest);
    this.#owner.onFree(this);
  }

  #end(error: unknown): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#owner.deadlines.unwatch(this);
    this.#socket.destroy();
    const exchange = this.#exchange;
    const hasBegun = this.#reader?.hasBegun === true;
    this.#exchange = null;
    this.#reader = null;
    // First, as what is sent once more takes the place of this connection.
    exchange?.onFailure(error, hasBegun);
    this.#owner.onGone(this);
  }
}

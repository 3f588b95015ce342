import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import type { ConnectionBounds } from "../connection-bounds.ts";
import type { Handover } from "../handover.ts";
import type { Passage } from "../passage.ts";
import { answerHead } from "./answer-head.ts";
import { type PlainHead, readPlainHead } from "./request-head.ts";

/** The only method by which operations come here. */
const METHOD = "POST";

/** How much of what comes while a request is answered is taken; and the longest request that is read here. */
const LIMIT_BYTES = 64 * 1024;
/**
 * How long the rest of a request is waited for, however it comes, before node:http does, by its own bounds; that is
 * added to them.
 */
const REST_MILLISECONDS = 5_000;
/** Up to here, head and body are written as one text. */
const SHORT_BYTES = 8 * 1024;

/** What direct connections have in common. */
export interface DirectHost<Context> {
  readonly path: string;
  readonly bounds: ConnectionBounds;
  /** The content type of an answer; null where a request is not of the ordinary. */
  contentTypeFor(request: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
  }): string | null;
  requestIdOf(header: string | readonly string[] | undefined): string;
  /** Takes a request that is to be answered. */
  enter(passage: Passage<Context>, body: Buffer, text: string): void;
  /** Whether answers are their connections' last. */
  isClosing(): boolean;
  /**
   * Gives a connection to node:http, with what came over it and was not answered.
   *
   * @param going the first request, where something was done of it
   */
  giveAway(socket: Socket, bytes: Buffer, going?: Going<Context>): void;
  /** Has a request go the long way whose client has left: nothing is sent any more, but it is told in the log. */
  tellOnly(socket: Socket, headers: IncomingHttpHeaders, handover: Handover<Context>): void;
  onGone(connection: DirectConnection<Context>): void;
}

/** A request that goes on by node:http. */
export interface Going<Context> {
  readonly handover: Handover<Context>;
  /** To be called when it has its answer, or is gone. */
  readonly closed: () => void;
}

/** A whole request. */
interface WholeRequest {
  readonly head: PlainHead;
  readonly bytes: Buffer;
  readonly text: string;
}

/**
 * A client's connection while all that comes over it are plain requests for operations, one after the other. With the
 * first thing that is anything else, node:http has it, from that request on and for good.
 */
export class DirectConnection<Context> {
  readonly #host: DirectHost<Context>;
  readonly #socket: Socket;
  readonly #requestLine: string;
  readonly #listeners: readonly (readonly [event: string, listener: (chunk: Buffer) => void])[];
  /** What came and was not looked at. */
  #held: Buffer | null = null;
  /** The request before, as clients often send the same one again. */
  #last: WholeRequest | null = null;
  #passage: DirectPassage<Context> | null = null;
  /** When the request began that is not whole yet; from `performance.now()`. */
  #begunAt: number | null = null;

  constructor(host: DirectHost<Context>, socket: Socket) {
    this.#host = host;
    this.#socket = socket;
    this.#requestLine = `${METHOD} ${host.path} HTTP/1.1\r\n`;
    this.#listeners = [
      ["data", (chunk) => this.#onData(chunk)],
      ["end", () => this.#onEnd()],
      ["timeout", () => this.#onTimeout()],
      ["error", () => socket.destroy()],
      ["close", () => this.#onClose()],
    ];
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
    socket.setTimeout(host.bounds.headers);
  }

  /** Closes the connection if it rests. The rest of a request that has begun is for node:http to wait for. */
  closeIdle(): void {
    if (this.#passage !== null) return;
    if (this.#held === null) this.#socket.destroy();
    else this.#giveAway(this.#held);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Sends the answer of the request that is under way. */
  answer(passage: DirectPassage<Context>, body: Buffer): void {
    const socket = this.#socket;
    const isLast = this.#host.isClosing();
    const head = answerHead({
      requestId: passage.requestId,
      contentType: passage.contentType,
      contentLength: body.length,
      keepAlive: isLast ? null : this.#host.bounds.keepAlive,
    });
    if (body.length <= SHORT_BYTES) {
      socket.write(head + body.toString("latin1"), "latin1");
    } else {
      socket.cork();
      socket.write(head, "latin1");
      socket.write(body);
      socket.uncork();
    }
    // Mostly the system has taken it all by now. Where not, nothing more is done until it has: the memory is still in use.
    if (socket.writableLength === 0) return this.#onAnswered(passage, isLast);
    const overdue = setTimeout(() => socket.destroy(), this.#host.bounds.response);
    socket.write("", () => {
      clearTimeout(overdue);
      this.#onAnswered(passage, isLast);
    });
  }

  /** Has the request that is under way go on by node:http. */
  leave(passage: DirectPassage<Context>, handover: Handover<Context>): void {
    const { bytes } = passage.request;
    const all = this.#held === null ? bytes : Buffer.concat([bytes, this.#held]);
    this.#passage = null;
    if (!this.#socket.destroyed) return this.#giveAway(all, { handover, closed: () => passage.close() });
    passage.close();
    this.#host.tellOnly(this.#socket, passage.headers, handover);
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = null;
    if (this.#passage === null) return this.#read(bytes);
    this.#held = bytes;
    if (bytes.length > LIMIT_BYTES) this.#socket.pause();
  }

  #read(bytes: Buffer): void {
    const request = this.#requestIn(bytes);
    if (request === "more" && bytes.length <= LIMIT_BYTES && !this.#isLate()) {
      this.#held = bytes;
      this.#socket.setTimeout(this.#restMilliseconds());
      return;
    }
    this.#begunAt = null;
    if (request === null || request === "more") return this.#giveAway(bytes);
    const { headers } = request.head;
    const contentType = this.#host.contentTypeFor({ method: METHOD, url: this.#host.path, headers });
    if (contentType === null) return this.#giveAway(bytes);
    const { length } = request.bytes;
    this.#held = bytes.length > length ? bytes.subarray(length) : null;
    this.#last = request;
    const requestId = this.#host.requestIdOf(headers["x-request-id"]);
    const passage = new DirectPassage(this, request, { contentType, requestId });
    this.#passage = passage;
    this.#host.enter(passage, request.bytes.subarray(request.head.length), request.text);
  }

  /** Whether the rest of a request that is not whole was waited for long enough, however many bytes of it came. */
  #isLate(): boolean {
    const now = performance.now();
    this.#begunAt ??= now;
    return now - this.#begunAt >= this.#restMilliseconds();
  }

  #restMilliseconds(): number {
    return Math.min(REST_MILLISECONDS, this.#host.bounds.headers);
  }

  /** The first request in what came. */
  #requestIn(bytes: Buffer): WholeRequest | "more" | null {
    const last = this.#last;
    if (last?.bytes.length === bytes.length && last.bytes.equals(bytes)) return last;
    const head = readPlainHead(bytes.toString("latin1", 0, LIMIT_BYTES), this.#requestLine);
    if (head === null || head === "more") return head;
    const length = head.length + head.bodyLength;
    if (length > LIMIT_BYTES) return null;
    if (bytes.length < length) return "more";
    const whole = bytes.length === length ? bytes : bytes.subarray(0, length);
    return { head, bytes: whole, text: whole.toString("utf8", head.length) };
  }

  #onAnswered(passage: DirectPassage<Context>, isLast: boolean): void {
    passage.close();
    if (this.#passage !== passage) return;
    this.#passage = null;
    const socket = this.#socket;
    if (socket.destroyed) return;
    if (isLast) return void socket.end();
    const { keepAlive } = this.#host.bounds;
    if (socket.timeout !== keepAlive) socket.setTimeout(keepAlive);
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    socket.resume();
    this.#read(held);
  }

  /** The client sends nothing more. With a request under way that means, as to node:http, that it has left. */
  #onEnd(): void {
    const held = this.#held;
    if (this.#passage !== null) this.#socket.destroy();
    else if (held === null) this.#socket.end();
    else {
      this.#giveAway(held);
      this.#socket.emit("end");
    }
  }

  #onTimeout(): void {
    if (this.#passage !== null) return;
    const held = this.#held;
    if (held === null) this.#socket.destroy();
    else this.#giveAway(held);
  }

  #onClose(): void {
    const passage = this.#passage;
    this.#passage = null;
    passage?.close();
    this.#host.onGone(this);
  }

  #giveAway(bytes: Buffer, going?: Going<Context>): void {
    const socket = this.#socket;
    this.#held = null;
    socket.setTimeout(0);
    for (const [event, listener] of this.#listeners) socket.removeListener(event, listener);
    this.#host.onGone(this);
    this.#host.giveAway(socket, bytes, going);
    socket.resume();
  }
}

/** One request over a direct connection. */
class DirectPassage<Context> implements Passage<Context> {
  readonly request: WholeRequest;
  readonly contentType: string;
  readonly requestId: string;
  readonly startedAt = performance.now();
  hasAnswered = false;
  readonly #connection: DirectConnection<Context>;
  #onClose: (() => void) | null = null;

  constructor(
    connection: DirectConnection<Context>,
    request: WholeRequest,
    { contentType, requestId }: { readonly contentType: string; readonly requestId: string },
  ) {
    this.#connection = connection;
    this.request = request;
    this.contentType = contentType;
    this.requestId = requestId;
  }

  get headers(): IncomingHttpHeaders {
    return this.request.head.headers;
  }

  once(_event: "close", listener: () => void): void {
    this.#onClose = listener;
  }

  /** The client has its answer, or is gone. */
  close(): void {
    const listener = this.#onClose;
    this.#onClose = null;
    listener?.();
  }

  send(answer: Buffer): void {
    this.hasAnswered = true;
    this.#connection.answer(this, answer);
  }

  goLongWay(handover: Handover<Context>): void {
    this.#connection.leave(this, handover);
  }
}

import { connect, type Socket } from "node:net";

/** What is to be the same of every answer. */
export interface Expected {
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
}

/** Memory that all connections read into: nothing of an answer is kept. */
const memory = Buffer.allocUnsafeSlow(256 * 1024);
const HEAD_END = "\r\n\r\n";
const LONGEST_HEAD = 4096;

/**
 * The least of an HTTP/1.1 client: a connection that is kept, with one request at a time. It reads the head of an answer
 * and counts its body, which has to come with a Content-Length. A client that does more for answers of 87 KB is slower than
 * what it measures, which rests between requests then.
 */
export class PlainClient {
  readonly #socket: Socket;
  readonly #expected: Expected;
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
  /** Of the answer under way, until it is whole. */
  #head = "";
  /** Of the answer's body, where its head is known; else -1. */
  #missing = -1;

  constructor(url: URL, expected: Expected) {
    this.#expected = expected;
    this.#socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: {
        buffer: memory,
        callback: (length) => {
          this.#onBytes(length);
          return true;
        },
      },
    });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("The connection was closed.")));
  }

  /**
   * Sends a request, and waits until its answer has come.
   *
   * @param request head and body
   * @throws Error where the answer is another one than expected
   */
  send(request: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #onBytes(length: number): void {
    let body = length;
    if (this.#missing === -1) {
      const before = this.#head.length;
      this.#head += memory.toString("latin1", 0, Math.min(length, LONGEST_HEAD));
      const end = this.#head.indexOf(HEAD_END);
      if (end === -1 && this.#head.length >= LONGEST_HEAD)
        return this.#fail(new Error("A head without an end."));
      if (end === -1) return;
      body = before + length - (end + HEAD_END.length);
      const head = this.#head.slice(0, end);
      this.#head = "";
      const fault = this.#faultOf(head);
      if (fault !== null) return this.#fail(new Error(fault));
      this.#missing = this.#expected.bytes;
    }
    this.#missing -= body;
    if (this.#missing < 0) return this.#fail(new Error("More came than was asked for."));
    if (this.#missing > 0) return;
    this.#missing = -1;
    const settle = this.#settle;
    this.#settle = null;
    settle?.resolve();
  }

  #faultOf(head: string): string | null {
    const { status, bytes } = this.#expected;
    const line = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (Number(line) === status && Number(length) === bytes) return null;
    return `HTTP ${line ?? "without a status"} with ${length ?? "an unknown number of"} bytes, not ${status} with ${bytes}`;
  }

  #fail(error: Error): void {
    this.#socket.destroy();
    const settle = this.#settle;
    this.#settle = null;
    settle?.reject(error);
  }
}

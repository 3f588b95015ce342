import { createServer, type Server, type Socket } from "node:net";

/** A request whose body is whole. */
export interface PlainRequest {
  readonly path: string;
  /** Empty where there is none. */
  readonly authorization: string;
  readonly body: Buffer;
}

/**
 * The least of an HTTP/1.1 server: requests with a Content-Length on connections that are kept, one after the other.
 * node:http takes several times as long for a small answer, and would hold the measured gateway up. A request in chunks
 * is answered with 411.
 *
 * @param answer gives the whole response, head and body
 */
export function createPlainServer(answer: (request: PlainRequest) => Buffer | Promise<Buffer>): Server {
  return createServer({ noDelay: true }, (socket) => {
    let held: Buffer = Buffer.alloc(0);
    let busy = false;
    const answerAll = async () => {
      busy = true;
      for (let parsed = parse(held); parsed !== "incomplete"; parsed = parse(held)) {
        if (parsed === "unreadable") return refuse(socket);
        held = held.subarray(parsed.end);
        const response = answer(parsed.request);
        socket.write(Buffer.isBuffer(response) ? response : await response);
      }
      busy = false;
    };
    socket.on("data", (chunk: Buffer) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (!busy) void answerAll();
    });
    // A gateway that is stopped lets go of its connections as it likes.
    socket.on("error", () => socket.destroy());
  });
}

/** A response with a JSON body, as bytes. */
export function jsonResponse(body: string): Buffer {
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
}

function parse(
  bytes: Buffer,
): { readonly request: PlainRequest; readonly end: number } | "incomplete" | "unreadable" {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return "incomplete";
  const head = bytes.toString("latin1", 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) return "unreadable";
  const end = headEnd + 4 + Number(length);
  if (bytes.length < end) return "incomplete";
  return {
    end,
    request: {
      path: head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP/")),
      authorization: /\r\nauthorization: *([^\r]*)/i.exec(head)?.[1] ?? "",
      body: bytes.subarray(headEnd + 4, end),
    },
  };
}

function refuse(socket: Socket): void {
  socket.end("HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

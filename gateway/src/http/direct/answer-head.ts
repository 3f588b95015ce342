import { securityHeaders } from "../security-headers.ts";

const SECOND_MILLISECONDS = 1_000;
const fixed = securityHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join("");

export interface AnswerHead {
  readonly requestId: string;
  readonly contentType: string;
  readonly contentLength: number;
  /** How long the connection is kept, in milliseconds; null where this answer is its last. */
  readonly keepAlive: number | null;
}

/** The head of an answer with status 200, as node:http writes it. */
export function answerHead({ requestId, contentType, contentLength, keepAlive }: AnswerHead): string {
  const connection =
    keepAlive === null
      ? "connection: close\r\n"
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAlive / SECOND_MILLISECONDS)}\r\n`;
  return `HTTP/1.1 200 OK\r\nx-request-id: ${requestId}\r\ncontent-type: ${contentType}\r\n${fixed}content-length: ${contentLength}\r\nDate: ${dateNow()}\r\n${connection}\r\n`;
}

let second = 0;
let date = "";

/** The date as HTTP has it (RFC 9110, 5.6.7), which changes once a second. */
function dateNow(): string {
  const now = Math.floor(Date.now() / SECOND_MILLISECONDS);
  if (now !== second) {
    second = now;
    date = new Date(now * SECOND_MILLISECONDS).toUTCString();
  }
  return date;
}

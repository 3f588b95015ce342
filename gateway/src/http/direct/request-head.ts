import { type IncomingHttpHeaders, maxHeaderSize } from "node:http";

/** What a plain request begins with. */
export interface PlainHead {
  readonly headers: IncomingHttpHeaders;
  /** Bytes up to the body. */
  readonly length: number;
  readonly bodyLength: number;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** Lines of headers, each whole, of visible ASCII: nothing folded, no bare line break, no character that is read differently. */
const LINES = new RegExp(`^(?:${TOKEN}:[\\t\\x20-\\x7e]*\\r\\n)+$`);
const LENGTH = /^[1-9]\d{0,8}$/;
const KEEP_ALIVE = /^keep-alive$/i;
/** Headers that change what the rest of a request means. */
const DECISIVE = ["transfer-encoding", "expect", "upgrade", "__proto__"] as const;

/** Names that came before. */
const knownNames = new Map<string, string>();
const KNOWN_NAMES_LIMIT = 1_000;

/**
 * Reads the head of a request where all parsers of HTTP/1.1 agree about it: one line, headers that come once each, a body
 * of a length that is told, and a connection that is kept (RFC 9112). It refuses nothing: what is not plain is for
 * whoever knows the whole of HTTP.
 *
 * @param text what came, as Latin 1; may be more than the head
 * @param requestLine with its line break
 * @returns "more" where the head may be plain and has not come to its end; null where it is not plain
 */
export function readPlainHead(text: string, requestLine: string): PlainHead | "more" | null {
  if (!text.startsWith(requestLine)) return requestLine.startsWith(text) ? "more" : null;
  const end = text.indexOf("\r\n\r\n", requestLine.length - 2);
  if (end > maxHeaderSize) return null;
  if (end === -1) return text.length > maxHeaderSize ? null : "more";
  const lines = text.slice(requestLine.length, end + 2);
  if (!LINES.test(lines)) return null;
  const headers: Record<string, string> = {};
  for (let start = 0; start < lines.length;) {
    const colon = lines.indexOf(":", start);
    const lineEnd = lines.indexOf("\r\n", colon);
    const name = nameOf(lines.slice(start, colon));
    // Node joins some headers that come twice, and drops others.
    if (name in headers) return null;
    headers[name] = withoutSpace(lines, colon + 1, lineEnd);
    start = lineEnd + 2;
  }
  for (const name of DECISIVE) if (Object.hasOwn(headers, name)) return null;
  const { host, connection } = headers;
  if (host === undefined || (connection !== undefined && !KEEP_ALIVE.test(connection))) return null;
  const length = headers["content-length"] ?? "";
  if (!LENGTH.test(length)) return null;
  return { headers, length: end + 4, bodyLength: Number(length) };
}

function nameOf(text: string): string {
  const known = knownNames.get(text);
  if (known !== undefined) return known;
  const name = text.toLowerCase();
  if (knownNames.size < KNOWN_NAMES_LIMIT) knownNames.set(text, name);
  return name;
}

/** A part of a text without spaces and tabs around it. */
function withoutSpace(text: string, start: number, end: number): string {
  let first = start;
  let last = end;
  while (first < last && isSpace(text.charCodeAt(first))) first++;
  while (last > first && isSpace(text.charCodeAt(last - 1))) last--;
  return text.slice(first, last);
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

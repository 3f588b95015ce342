import type { TransportRequest } from "../transport.ts";
import { TOKEN } from "./syntax.ts";

/** A request as it is sent. Where the body has characters beyond ASCII, it is apart, as its encoding is another one. */
export interface RequestText {
  /** To be written as Latin 1. */
  readonly head: string;
  /** To be written as UTF-8 after it; or null, where it is in the head. */
  readonly body: string | null;
}

const NAME = new RegExp(`^${TOKEN}$`);
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What a client says for itself. */
const OWN = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What all requests to a URL begin with. */
export interface RequestLines {
  readonly GET: string;
  readonly POST: string;
}

/** Writes what all requests to a URL begin with: the request line, and what is the same in each. */
export function requestLines({ host, pathname, search }: URL): RequestLines {
  const rest = `${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  return { GET: `GET ${rest}`, POST: `POST ${rest}` };
}

/** The line that a header was written as last, by its name: most are the same in each request to come. */
const knownLines = new Map<string, { readonly value: string; readonly line: string }>();
const KNOWN_LINES_LIMIT = 1_000;

/**
 * Writes a request (RFC 9112, 3).
 *
 * @param lines from `requestLines`
 * @throws Error for a header that cannot be sent
 */
export function writeRequest(
  lines: RequestLines,
  { headers, body, method = "POST" }: TransportRequest,
): RequestText {
  let head = lines[method];
  for (const name in headers) head += headerLine(name, headers[name] as string);
  if (method === "GET") return { head: `${head}\r\n`, body: null };
  const length = Buffer.byteLength(body);
  head += `content-length: ${length}\r\n\r\n`;
  return length === body.length ? { head: head + body, body: null } : { head, body };
}

function headerLine(name: string, value: string): string {
  const known = knownLines.get(name);
  if (known !== undefined && known.value === value) return known.line;
  if (known === undefined && (!NAME.test(name) || OWN.has(name) || name === "host"))
    throw new Error(`header "${name}" cannot be sent`);
  if (!VALUE.test(value)) throw new Error(`the value of header "${name}" cannot be sent`);
  const line = `${name}: ${value}\r\n`;
  if (known !== undefined || knownLines.size < KNOWN_LINES_LIMIT) knownLines.set(name, { value, line });
  return line;
}

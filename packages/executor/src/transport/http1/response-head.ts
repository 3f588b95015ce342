import { FORBIDDEN, malformed, TOKEN } from "./syntax.ts";

/** What an answer begins with, and how its body ends (RFC 9112, 6.3). */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** By lower-case name; those that came more than once are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body; or how its end is found. */
  readonly bodyLength: number | "chunked" | "until-close";
  /** Whether the connection may be used again. */
  readonly persistent: boolean;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;
const NAME = new RegExp(`^${TOKEN}$`);
const DIGITS = /^\d{1,15}$/;

/** Heads that came before: a subgraph's answers of one length, within a second, have the same. */
const knownHeads = new Map<string, ResponseHead>();
const KNOWN_HEADS_LIMIT = 500;
const KNOWN_HEAD_CHARACTERS = 1_000;

/** As `parseHead`; what it gives may have been given before, and is not to be changed. */
export function readHead(text: string): ResponseHead {
  const known = knownHeads.get(text);
  if (known !== undefined) return known;
  const head = parseHead(text);
  Object.freeze(head.headers);
  if (text.length <= KNOWN_HEAD_CHARACTERS) {
    if (knownHeads.size >= KNOWN_HEADS_LIMIT) knownHeads.clear();
    knownHeads.set(text, head);
  }
  return head;
}

/**
 * Reads the head of an answer (RFC 9112, 4 and 5). What could be understood in two ways is refused: folded lines, a
 * length told twice, a length beside a transfer coding.
 *
 * @param text without the empty line at its end
 * @throws Error where it is none
 */
export function parseHead(text: string): ResponseHead {
  if (FORBIDDEN.test(text)) throw malformed("a head with a character that may not be there");
  const endOfLine = text.indexOf("\r\n");
  const statusLine = STATUS_LINE.exec(endOfLine === -1 ? text : text.slice(0, endOfLine));
  if (statusLine === null) throw malformed("no status line");
  const headers = endOfLine === -1 ? {} : parseHeaders(text, endOfLine + 2);
  const status = Number(statusLine[2]);
  const connection = headers["connection"]?.toLowerCase();
  const persistent =
    statusLine[1] === "1"
      ? connection === undefined || !/(?:^|,)[ \t]*close[ \t]*(?:,|$)/.test(connection)
      : connection !== undefined && /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/.test(connection);
  const bodyLength = bodyLengthOf(status, headers);
  return {
    status,
    statusText: statusLine[3] ?? "",
    headers,
    bodyLength,
    // HTTP/1.0 has no chunks; a server that sends them all the same may mean anything by what follows.
    persistent:
      persistent && bodyLength !== "until-close" && (statusLine[1] === "1" || bodyLength !== "chunked"),
  };
}

function parseHeaders(text: string, start: number): Record<string, string> {
  const headers: Record<string, string> = {};
  let position = start;
  while (position < text.length) {
    const found = text.indexOf("\r\n", position);
    const end = found === -1 ? text.length : found;
    const colon = text.indexOf(":", position);
    if (colon === -1 || colon > end) throw malformed("a header without a colon");
    const name = headerName(text.slice(position, colon));
    const value = withoutSpace(text, colon + 1, end);
    // A name such as `__proto__` is one like any other.
    if (!Object.hasOwn(headers, name)) setHeader(headers, name, value);
    else if (name === "content-length") throw malformed("more than one content-length");
    else setHeader(headers, name, `${headers[name]}, ${value}`);
    position = end + 2;
  }
  return headers;
}

/** A part of a text without spaces and tabs around it: no other space (RFC 9110, 5.6.3). */
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

function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (name !== "__proto__") headers[name] = value;
  else Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Names that came before, as servers send the same ones with each answer. */
const knownNames = new Map<string, string>();
const KNOWN_NAMES_LIMIT = 1_000;

function headerName(text: string): string {
  const known = knownNames.get(text);
  if (known !== undefined) return known;
  if (!NAME.test(text)) throw malformed("a header's name that is none");
  const name = text.toLowerCase();
  if (knownNames.size < KNOWN_NAMES_LIMIT) knownNames.set(text, name);
  return name;
}

function bodyLengthOf(status: number, headers: Readonly<Record<string, string>>): ResponseHead["bodyLength"] {
  const length = headers["content-length"];
  const coding = headers["transfer-encoding"];
  if (length !== undefined && !DIGITS.test(length)) throw malformed("a content-length that is no number");
  if (length !== undefined && coding !== undefined)
    throw malformed("a content-length beside a transfer-encoding");
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    throw malformed("a transfer-encoding other than chunked");
  }
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return "chunked";
  return length === undefined ? "until-close" : Number(length);
}

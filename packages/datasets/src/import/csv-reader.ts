/** One row of a file, sound or not. */
export interface CsvRecord {
  /** The number of its first line in the file, from 1, every line counted. */
  readonly line: number;
  /** The row as it stands in the file, without its line end; bytes that are no UTF-8 replaced. */
  readonly text: string;
  /** The values, or why there are none. */
  readonly fields: readonly string[] | null;
  readonly fault: string | null;
}

/** No row is longer than this, in bytes; so much is held in memory at most, besides the chunk that was read. */
const MAX_RECORD = 64 * 1024;

const DELIMITER = ";";
const QUOTE = '"';
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads rows as RFC 4180 has them, but with semicolons: quotes where a value needs them, doubled inside of them, LF or
 * CRLF line ends, line ends inside of quotes, a byte order mark at the start or none. Empty lines are passed over.
 *
 * A row that cannot be read costs itself alone: where a quote is out of place, or is never closed, the line that it began
 * on is the faulty row, and reading goes on with the next line.
 *
 * Bytes are read as Latin-1, one character each, so that `;`, `"` and line ends can be found before anybody knows whether
 * the rest is UTF-8; a row's values are decoded by themselves.
 */
export async function* readCsv(source: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  const reader = new RecordReader();
  for await (const chunk of source) {
    reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1"));
    yield* reader.take(false);
  }
  yield* reader.take(true);
}

class RecordReader {
  #text = "";
  #line = 1;
  #first = true;
  /** Inside of a line that is longer than any row may be: what is left of it is dropped. */
  #dropping = false;

  push(text: string): void {
    this.#text += text;
  }

  /** The rows that are whole; at the end of the file also the last one. */
  *take(atEnd: boolean): Generator<CsvRecord> {
    if (this.#first && (this.#text.length >= 3 || atEnd)) {
      this.#first = false;
      if (this.#text.startsWith("\u00EF\u00BB\u00BF")) this.#text = this.#text.slice(3);
    }
    if (this.#first) return;
    let start = 0;
    while (start < this.#text.length) {
      const newline = this.#text.indexOf("\n", start);
      if (newline === -1 && !atEnd && this.#text.length - start <= MAX_RECORD) break;
      const end = newline === -1 ? this.#text.length : newline;
      if (this.#dropping || end - start > MAX_RECORD) {
        if (!this.#dropping)
          yield this.#faulty(this.#text.slice(start, start + 200), "is longer than 64 KiB");
        this.#dropping = newline === -1;
        if (newline !== -1) this.#line++;
        start = newline === -1 ? end : end + 1;
        continue;
      }
      const row = this.#row({ start, end, atEnd });
      if (row === null) break;
      if (row.record !== null) yield row.record;
      start = row.next;
    }
    this.#text = this.#text.slice(start);
  }

  /** The row that begins at `start` and whose first line ends at `end`; null where more of the file is needed. */
  #row(at: {
    start: number;
    end: number;
    atEnd: boolean;
  }): { record: CsvRecord | null; next: number } | null {
    const { start, end } = at;
    const firstLine = withoutReturn(this.#text.slice(start, end));
    if (!firstLine.includes(QUOTE)) {
      const record = firstLine === "" ? null : this.#sound(firstLine, firstLine.split(DELIMITER));
      this.#line++;
      return { record, next: end + 1 };
    }
    const limit = Math.min(this.#text.length, start + MAX_RECORD);
    const quoted = parseQuoted(this.#text, start, limit);
    // What follows in the next chunk may close a quote, or make one at the end of this chunk half of a pair.
    const cutOff =
      quoted === "open"
        ? limit === this.#text.length
        : typeof quoted === "object" && quoted.end === this.#text.length;
    if (cutOff && !at.atEnd) return null;
    if (typeof quoted === "string") {
      const why = quoted === "open" ? "has a quote that is never closed" : "has a quote out of place";
      const record = this.#faulty(firstLine, why);
      this.#line++;
      return { record, next: end + 1 };
    }
    const text = withoutReturn(this.#text.slice(start, quoted.end));
    const record = this.#sound(text, quoted.fields);
    this.#line += text.split("\n").length;
    return { record, next: quoted.end + 1 };
  }

  #sound(text: string, fields: readonly string[]): CsvRecord {
    if (text.includes("\0")) return this.#faulty(text, "has a NUL character in it");
    if (!/[\u0080-\u00FF]/.test(text)) return { line: this.#line, text, fields, fault: null };
    try {
      return {
        line: this.#line,
        text: strict.decode(Buffer.from(text, "latin1")),
        fields: fields.map((field) => strict.decode(Buffer.from(field, "latin1"))),
        fault: null,
      };
    } catch {
      return this.#faulty(text, "is not valid UTF-8");
    }
  }

  #faulty(text: string, fault: string): CsvRecord {
    const readable = lenient.decode(Buffer.from(text, "latin1")).replaceAll("\0", "\uFFFD");
    return { line: this.#line, text: readable, fields: null, fault };
  }
}

/**
 * The values of a row that has quotes in it, and where it ends: the index of its line end, or of the end of the text.
 *
 * @returns `open` where a quote is not closed before the limit, `misplaced` where one is where none may be
 */
function parseQuoted(
  text: string,
  start: number,
  limit: number,
): { fields: string[]; end: number } | "open" | "misplaced" {
  const fields: string[] = [];
  for (let at = start; ;) {
    let value = "";
    if (text[at] === QUOTE) {
      at++;
      for (;;) {
        const close = text.indexOf(QUOTE, at);
        if (close === -1 || close >= limit) return "open";
        value += text.slice(at, close);
        at = close + 1;
        if (text[at] !== QUOTE) break;
        value += QUOTE;
        at++;
      }
    } else {
      const from = at;
      while (at < text.length && text[at] !== DELIMITER && text[at] !== "\n") {
        if (text[at] === QUOTE) return "misplaced";
        at++;
      }
      value = text.slice(from, at);
      if (text[at] !== DELIMITER) value = withoutReturn(value);
    }
    fields.push(value);
    if (text[at] === "\r" && (text[at + 1] === "\n" || at + 1 === text.length)) at++;
    if (at >= text.length || text[at] === "\n") return { fields, end: at };
    if (text[at] !== DELIMITER) return "misplaced";
    at++;
  }
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

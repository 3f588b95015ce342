import { open } from "node:fs/promises";
import type { FileSpec } from "./file-specs.ts";

/** So much of a file is looked at, in bytes: as much as the longest row. */
const START = 64 * 1024;

/** Files that begin so are no text, and what to do with them. Bytes in hexadecimal. */
const signatures: readonly (readonly [string, string])[] = [
  ["504b0304", "a ZIP archive: unpack it first"],
  ["504b0506", "a ZIP archive with nothing in it"],
  ["d0cf11e0a1b11ae1", "an Excel workbook of the old kind (.xls): save it as CSV"],
  ["1f8b", "compressed (gzip): unpack it first"],
  ["425a68", "compressed (bzip2): unpack it first"],
  ["fd377a585a00", "compressed (xz): unpack it first"],
  ["28b52ffd", "compressed (Zstandard): unpack it first"],
  ["377abcaf271c", "a 7-Zip archive: unpack it first"],
  ["255044462d", "a PDF document"],
  ["53514c69746520666f726d6174203300", "a SQLite database: export its tables as CSV"],
  ["50415231", "a Parquet file: export it as CSV"],
];

/** The separators that CSV files have, besides ours. */
const separators: readonly (readonly [string, string])[] = [
  [",", "commas"],
  ["\t", "tabs"],
  ["|", "vertical bars"],
];

/**
 * Tells what is wrong with a file as a whole, by how it begins: another encoding, another separator, no text at all.
 *
 * @param all the files that are known, to tell where one stands in another's place
 * @returns such as `is UTF-16 (little-endian)...`, to be read after the file's name; null where it begins as it should
 */
export async function formatFaultOf(
  path: string,
  spec: FileSpec,
  all: readonly FileSpec[],
): Promise<string | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START), 0, START, 0);
    return formatFault(buffer.subarray(0, bytesRead), spec, all);
  } finally {
    await file.close();
  }
}

/** As `formatFaultOf`, of the first bytes of a file. */
export function formatFault(start: Buffer, spec: FileSpec, all: readonly FileSpec[]): string | null {
  return (
    emptyFault(start) ??
    signatureFault(start) ??
    encodingFault(start) ??
    headerFault(withoutMark(start), spec, all)
  );
}

function emptyFault(start: Buffer): string | null {
  return withoutMark(start).toString("latin1").trim() === "" && start.length < START
    ? "is empty: it has not even a header"
    : null;
}

function signatureFault(start: Buffer): string | null {
  const hex = start.subarray(0, 16).toString("hex");
  const found = signatures.find(([signature]) => hex.startsWith(signature));
  if (!found) return null;
  // A workbook is a ZIP archive whose first entries are named so.
  const workbook = found[0] === "504b0304" && /\[Content_Types\]\.xml|xl\//.test(start.toString("latin1"));
  return `is ${workbook ? "an Excel workbook (.xlsx): save it as CSV UTF-8 with semicolons" : found[1]}`;
}

/** Unicode's other encodings, by their mark or by where the zeros of plain letters stand. */
function encodingFault(start: Buffer): string | null {
  const encoding = markedEncoding(start) ?? unmarkedEncoding(start);
  if (encoding === null) return null;
  const [name, order] = encoding;
  const from = `${name}${order === "little-endian" ? "LE" : "BE"}`;
  return `is ${name} (${order}) and must be UTF-8: convert it, as \`iconv -f ${from} -t UTF-8\` does`;
}

type Encoding = readonly [name: string, order: "little-endian" | "big-endian"];

function markedEncoding(start: Buffer): Encoding | null {
  const hex = start.subarray(0, 4).toString("hex");
  // UTF-16's mark is the beginning of UTF-32's.
  if (hex === "fffe0000") return ["UTF-32", "little-endian"];
  if (hex === "0000feff") return ["UTF-32", "big-endian"];
  if (hex.startsWith("fffe")) return ["UTF-16", "little-endian"];
  if (hex.startsWith("feff")) return ["UTF-16", "big-endian"];
  return null;
}

function unmarkedEncoding(start: Buffer): Encoding | null {
  // A header is plain letters: in UTF-16 each second byte of it is zero, in UTF-32 three of four.
  const sample = start.subarray(0, 64);
  if (sample.length < 8) return null;
  const zeros = [0, 1, 2, 3].map((place) => share(sample, place));
  const full = zeros.map((each) => each > 0.9);
  const none = zeros.map((each) => each === 0);
  if (none[0] && full[1] && full[2] && full[3]) return ["UTF-32", "little-endian"];
  if (full[0] && full[1] && full[2] && none[3]) return ["UTF-32", "big-endian"];
  if (none[0] && full[1] && none[2] && full[3]) return ["UTF-16", "little-endian"];
  if (full[0] && none[1] && full[2] && none[3]) return ["UTF-16", "big-endian"];
  return null;
}

/** How many of every fourth byte are zero, from 0 to 1. */
function share(sample: Buffer, place: number): number {
  const bytes = sample.filter((_, at) => at % 4 === place);
  return bytes.filter((byte) => byte === 0).length / bytes.length;
}

function headerFault(start: Buffer, spec: FileSpec, all: readonly FileSpec[]): string | null {
  const text = start.toString("latin1");
  const newline = text.indexOf("\n");
  const line = (newline === -1 ? text : text.slice(0, newline)).replace(/\r$/, "");
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for.
  if (/[\u0000-\u0008\u000E-\u001F]/.test(line))
    return "is no text: its first line has control characters in it";
  if (line.trimStart().startsWith("<")) return `is HTML or XML, and no CSV: it begins with ${quote(line)}`;
  if (/^sep=.$/i.test(line)) {
    return `begins with Excel's line ${quote(line)}: remove that line, and separate values by semicolons`;
  }
  if (line.includes("\r")) return "ends its lines with CR alone: convert them to LF or CRLF";
  const names = namesIn(line, ";");
  if (countOf(spec.columns, names) === spec.columns.length) return null;
  for (const [separator, word] of separators) {
    const found = countOf(spec.columns, namesIn(line, separator));
    if (found > spec.columns.length / 2 && found > countOf(spec.columns, names)) {
      return `separates its values by ${word}, and must by semicolons`;
    }
  }
  const other = all.find((each) => each !== spec && countOf(each.columns, names) === each.columns.length);
  return other === undefined ? null : `has the columns of ${other.file}`;
}

function namesIn(line: string, separator: string): Set<string> {
  return new Set(
    line.split(separator).map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .trim(),
    ),
  );
}

function countOf(columns: readonly string[], names: ReadonlySet<string>): number {
  return columns.filter((column) => names.has(column)).length;
}

function withoutMark(start: Buffer): Buffer {
  return start.subarray(0, 3).toString("hex") === "efbbbf" ? start.subarray(3) : start;
}

function quote(line: string): string {
  return JSON.stringify(line.slice(0, 60));
}

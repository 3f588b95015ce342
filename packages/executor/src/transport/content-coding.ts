import { isAscii } from "node:buffer";
import { promisify } from "node:util";
import * as zlib from "node:zlib";

/** Content codings that answers may have (RFC 9110, 8.4.1; RFC 7932; RFC 8878). */
export type ContentCoding = "gzip" | "deflate" | "br" | "zstd";

interface Decoder {
  readonly sync: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer;
  readonly async: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;
}

const DEFLATE: Decoder = { sync: zlib.inflateSync, async: promisify(zlib.inflate) };
const RAW_DEFLATE: Decoder = { sync: zlib.inflateRawSync, async: promisify(zlib.inflateRaw) };
const GZIP: Decoder = { sync: zlib.gunzipSync, async: promisify(zlib.gunzip) };

const DECODERS = new Map<string, Decoder>([
  ["gzip", GZIP],
  ["x-gzip", GZIP],
  ["deflate", DEFLATE],
  ["br", { sync: zlib.brotliDecompressSync, async: promisify(zlib.brotliDecompress) }],
  ["zstd", { sync: zlib.zstdDecompressSync, async: promisify(zlib.zstdDecompress) }],
]);

/**
 * Up to this size of the result, decompressing at once costs a third of what it costs in another thread, and holds
 * up other requests for less than a millisecond.
 */
const AT_ONCE_BYTES = 1024 * 1024;

/**
 * Takes the codings of a body off.
 *
 * @param contentEncoding the header's value: codings in the order in which they were put on
 * @param limitBytes largest result, also in between two codings
 * @throws Error for an unknown coding, broken data, or a result that is too large; or the promise rejects with it
 */
export function decodeContent(
  bytes: Buffer,
  contentEncoding: string,
  limitBytes: number,
): Buffer | Promise<Buffer> {
  const names = contentEncoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  const [name] = names;
  if (name === undefined) return bytes;
  if (names.length === 1) return decodeOne(bytes, name, limitBytes);
  return decodeAll(bytes, names.toReversed(), limitBytes);
}

async function decodeAll(bytes: Buffer, names: readonly string[], limitBytes: number): Promise<Buffer> {
  let decoded = bytes;
  for (const name of names) decoded = await decodeOne(decoded, name, limitBytes);
  return decoded;
}

function decodeOne(bytes: Buffer, name: string, limitBytes: number): Buffer | Promise<Buffer> {
  const known = DECODERS.get(name);
  if (known === undefined) throw new Error(`unknown content-encoding "${name}"`);
  const decoder = known === DEFLATE && isRawDeflate(bytes) ? RAW_DEFLATE : known;
  try {
    return decoder.sync(bytes, { maxOutputLength: Math.min(limitBytes, AT_ONCE_BYTES) });
  } catch (error) {
    if (!isTooLarge(error) || limitBytes <= AT_ONCE_BYTES) throw decodingError(error, name, limitBytes);
  }
  return decoder.async(bytes, { maxOutputLength: limitBytes }).catch((error: unknown) => {
    throw decodingError(error, name, limitBytes);
  });
}

/** Some servers leave out the zlib format around it, against RFC 9110, 8.4.1.2. */
function isRawDeflate([first = 0]: Buffer): boolean {
  return (first & 0x0f) !== 8;
}

function isTooLarge(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
}

function decodingError(error: unknown, name: string, limitBytes: number): Error {
  if (isTooLarge(error)) return tooLarge(limitBytes);
  return new Error(`the answer is no valid ${name}: ${(error as Error).message}`, { cause: error });
}

/** What a body is refused with that is larger than the bound. Its code tells it from a subgraph that is not there. */
export function tooLarge(limitBytes: number): NodeJS.ErrnoException {
  const error = new Error(`the answer has more than ${limitBytes} bytes`);
  return Object.assign(error, { code: "ERR_RESPONSE_TOO_LARGE" });
}

/** Text from UTF-8; as one byte for each character where that can be, which is read faster than two. */
export function textOf(bytes: Buffer): string {
  return isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8");
}

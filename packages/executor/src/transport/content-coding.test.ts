import { promisify } from "node:util";
import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeContent } from "./content-coding.ts";
import { startHttpFixture } from "./subgraph-http.fixture.ts";
import type { HttpTransportOptions } from "./transport-options.ts";
import { TransportError } from "./transport-error.ts";
import { call, cleanUp, failureOf, TRANSPORTS } from "./transports.fixture.ts";

const CODINGS: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ["gzip", zlib.gzipSync],
  ["x-gzip", zlib.gzipSync],
  ["deflate", zlib.deflateSync],
  ["deflate", zlib.deflateRawSync],
  ["br", zlib.brotliCompressSync],
  ["zstd", zlib.zstdCompressSync],
  ["identity", (bytes) => bytes],
  ["gzip, BR", (bytes) => zlib.brotliCompressSync(zlib.gzipSync(bytes))],
];

test.each(CODINGS)(
  "what %s encodes is decoded, below and above what is decoded at once",
  async (name, encode) => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        const bytes = Buffer.from(text);
        expect((await decodeContent(encode(bytes), name, 1_000)).toString()).toBe(text);
      }),
    );
    const large = Buffer.alloc(3_000_000, "large ");
    expect((await decodeContent(encode(large), name, large.length)).equals(large)).toBe(true);
  },
);

test.each(CODINGS.slice(0, 6))("no more of %s is decoded than may be", async (name, encode) => {
  for (const [size, limit] of [
    [2_000, 1_000],
    [30_000_000, 2_000_000],
  ] as const) {
    const bomb = encode(Buffer.alloc(size));
    expect(bomb.length).toBeLessThan(limit);
    const failure = await failureOf((async () => decodeContent(bomb, name, limit))());
    expect(failure.message).toBe(`the answer has more than ${limit} bytes`);
  }
});

describe.each(TRANSPORTS)("$name", ({ create }) => {
  const TEXT = `{"data":"${"compressible é ".repeat(200)}"}`;

  async function start(
    coding: { readonly name: string; readonly bytes: Buffer },
    options?: HttpTransportOptions,
  ) {
    const transport = create(options);
    cleanUp(transport.close);
    const fixture = await startHttpFixture((response) => {
      response.setHeader("content-encoding", coding.name).end(coding.bytes);
    });
    cleanUp(fixture.stop);
    return { fixture, send: () => transport.send(call(fixture.url)) };
  }

  test("asks for nothing compressed, and reads it all the same", async () => {
    for (const [name, encode] of CODINGS) {
      const { fixture, send } = await start({ name, bytes: encode(Buffer.from(TEXT)) });
      expect((await send()).body).toBe(TEXT);
      expect(fixture.received[0]?.headers).not.toHaveProperty("accept-encoding");
    }
  });

  test("asks for the codings that it is told, in order", async () => {
    const { fixture, send } = await start(
      { name: "br", bytes: zlib.brotliCompressSync(TEXT) },
      { compression: ["zstd", "br", "gzip"] },
    );
    expect((await send()).body).toBe(TEXT);
    expect(fixture.received[0]?.headers["accept-encoding"]).toBe("zstd, br, gzip");
  });

  test("decodes answers that come in several pieces, and ones too large to be decoded at once", async () => {
    const large = `"${"0123456789abcdef".repeat(250_000)}"`;
    const bytes = await promisify(zlib.gzip)(large, { level: 0 });
    const { send } = await start({ name: "gzip", bytes });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.every(({ body }) => body === large)).toBe(true);
  });

  test("decodes an answer while the next one comes over the same connection", async () => {
    const texts = Array.from({ length: 10 }, (_, number) => `"${`item ${number} `.repeat(200_000)}"`);
    const fixture = await startHttpFixture((response, number) => {
      response.setHeader("content-encoding", "gzip").end(zlib.gzipSync(texts[Number(number)] ?? ""));
    });
    cleanUp(fixture.stop);
    const transport = create({ connections: 1 });
    cleanUp(transport.close);
    const answers = await Promise.all(
      texts.map((_, number) => transport.send(call(fixture.url, { body: `${number}` }))),
    );
    expect(answers.map(({ body }, number) => body === texts[number])).toEqual(texts.map(() => true));
  });

  test.each([
    ["that ends too early", "gzip", zlib.gzipSync(TEXT).subarray(0, -12), "is no valid gzip"],
    ["that is none", "br", Buffer.from(TEXT), "is no valid br"],
    ["that nobody knows", "compress", Buffer.from(TEXT), 'unknown content-encoding "compress"'],
    [
      "that grows beyond the bound",
      "zstd",
      zlib.zstdCompressSync(Buffer.alloc(5_000_000)),
      "more than 2000000 bytes",
    ],
  ])("refuses content %s, and goes on", async (_what, name, bytes, message) => {
    const { fixture, send } = await start({ name, bytes }, { responseLimitBytes: 2_000_000 });
    for (let sent = 0; sent < 2; sent++) {
      const failure = await failureOf(send());
      expect(failure).toBeInstanceOf(TransportError);
      expect(failure.message).toContain(message);
    }
    expect(fixture.received).toHaveLength(2);
  });
});

import { constants } from "node:zlib";
import type { FastifyCompressOptions } from "@fastify/compress";

/** Shorter answers are not compressed, in bytes. */
export const compressionThreshold = 1024;

/** How answers are compressed. */
export const compression: FastifyCompressOptions = {
  encodings: ["br", "gzip"],
  threshold: compressionThreshold,
  // A body that unpacks to more than it weighs would get past the body limit.
  globalDecompression: false,
  brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
};

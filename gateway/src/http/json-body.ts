import { isUtf8 } from "node:buffer";
import { MIMEType } from "node:util";
import { codedError } from "@tributary/subgraph-kit/errors";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { GraphQLError } from "graphql";

/** Charsets under which text is UTF-8, in lower case. */
const utf8Charsets: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);

/** Parses JSON, without what would change prototypes; undefined where it is refused. */
export type JsonParser = (text: string) => unknown;

/** Makes the parser of requests' JSON: Fastify's own. */
export function createJsonParser(app: FastifyInstance): JsonParser {
  const parse = app.getDefaultJsonParser("error", "error");
  return (text) => {
    let parsed: unknown;
    void parse(undefined as never, text, (_error, body) => {
      parsed = body;
    });
    return parsed;
  };
}

/**
 * Reads JSON in a URL as in a body.
 *
 * @returns undefined where it is no JSON, which is for Apollo Server to tell
 * @throws a GraphQLError where it has what would change prototypes
 */
export function readSearchParameter(name: string, text: unknown, parse: JsonParser): unknown {
  if (typeof text !== "string") return undefined;
  const parsed = parse(text);
  if (parsed === undefined && syntaxFault(text) === null)
    throw badRequest(`The search parameter "${name}" ${forbidden}`);
  return parsed;
}

const forbidden = 'has a member "__proto__", or a "constructor" with a "prototype": they are not taken.';

function faultOf(text: string): string {
  if (text.trim() === "") return "The request's body is empty.";
  const fault = syntaxFault(text);
  return `The request's body ${fault === null ? forbidden : `is not JSON: ${fault}`}`;
}

function syntaxFault(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

/**
 * Has bodies of requests read as JSON in UTF-8 (RFC 8259, section 8.1) that is not compressed. What they are in instead is
 * told, and never guessed at.
 */
export function addJsonBodies(app: FastifyInstance, parse: JsonParser): void {
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async ({ headers }: FastifyRequest, body: Buffer) => {
      const coding = headers["content-encoding"];
      if (coding !== undefined && coding.toLowerCase() !== "identity") {
        // It could unpack to anything, however small it is.
        const message = `The request's body is encoded as "${coding}"; only bodies that are not compressed are taken.`;
        throw unsupported(message);
      }
      const charset = charsetOf(headers["content-type"] ?? "");
      if (charset !== null && !utf8Charsets.has(charset))
        throw unsupported(`The request's body is in ${charset}; JSON is taken in UTF-8 alone.`);
      // JSON holds no NUL, which every other letter of UTF-16 begins or ends with.
      if (!isUtf8(body) || body.includes(0)) throw badRequest("The request's body is not JSON in UTF-8.");
      const text = body.toString("utf8");
      const parsed = parse(text);
      if (parsed === undefined) throw badRequest(faultOf(text));
      return parsed;
    },
  );
}

function charsetOf(contentType: string): string | null {
  try {
    return new MIMEType(contentType).params.get("charset")?.toLowerCase() ?? null;
  } catch {
    // Fastify takes it for JSON by its beginning.
    return null;
  }
}

function badRequest(message: string): GraphQLError {
  return codedError("BAD_REQUEST", message, { httpStatus: 400 });
}

function unsupported(message: string): GraphQLError {
  return codedError("BAD_REQUEST", message, { httpStatus: 415 });
}

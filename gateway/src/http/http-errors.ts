import {
  codedError,
  codeOf,
  internalServerError,
  isCodedError,
  payloadTooLarge,
} from "@tributary/subgraph-kit/errors";
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import type { GraphQLError } from "graphql";

const contentType = "application/json; charset=utf-8";

/** Methods that routes here can have. */
const methods = ["GET", "HEAD", "POST"] as const;

/**
 * Answers what never became an operation (a body too large, JSON that is none, a path that is not there) in the form
 * of a GraphQL response.
 *
 * @param onUnforeseen told what nobody foresaw
 */
export function addHttpErrors(
  app: FastifyInstance,
  bodyLimitBytes: number,
  onUnforeseen: (error: Error, request: { readonly requestId: string }) => void,
): void {
  app.setErrorHandler((error: FastifyError | GraphQLError, request, reply) => {
    const { status, headers, told } = answer(error, request.id);
    for (const [name, value] of headers ?? []) reply.header(name, value);
    // What is taken instead (RFC 9110, section 15.5.16).
    if (status === 415) reply.header("accept-encoding", "identity");
    return send(reply, status, told);
  });
  app.setNotFoundHandler((_request, reply) => send(reply, 404, nothingHere()));
  // Before a body is read that nobody takes.
  app.addHook("onRequest", async (request, reply) => {
    if (!request.is404) return;
    const [url = ""] = request.url.split("?", 1);
    const allowed = methods.filter((method) => app.hasRoute({ url, method }));
    if (allowed.length === 0) return send(reply, 404, nothingHere());
    reply.header("allow", allowed.join(", "));
    if (request.method === "OPTIONS") return reply.code(204).send();
    const message = `${request.method} is not taken here; ${allowed.join(", ")} are.`;
    return send(reply, 405, codedError("BAD_REQUEST", message));
  });

  const answer = (error: FastifyError | GraphQLError, requestId: string): HttpRefusal => {
    if (isCodedError(error)) return readRefusal(error as GraphQLError);
    const { code, statusCode: status = 500 } = error as FastifyError;
    const refuse = (message: string) => ({ status, told: codedError("BAD_REQUEST", message) });
    if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return { status: 413, told: payloadTooLarge(bodyLimitBytes) };
    if (status === 415) return refuse("The request's content type is not application/json.");
    // Fastify's own words about the request's URL, length or headers.
    if (status >= 400 && status < 500) return refuse(error.message);
    onUnforeseen(error, { requestId });
    return { status: 500, told: internalServerError(requestId) };
  };
}

interface HttpRefusal {
  readonly status: number;
  readonly headers?: ReadonlyMap<string, string>;
  readonly told: GraphQLError;
}

/** Answers a request whose URL cannot be read, which no route gets to see. */
export function refuseUrl(_error: Error, _request: unknown, reply: FastifyReply): void {
  void send(reply, 400, codedError("BAD_REQUEST", "The request's URL cannot be read."));
}

function nothingHere(): GraphQLError {
  return codedError("BAD_REQUEST", "There is nothing here.");
}

function readRefusal(error: GraphQLError): HttpRefusal {
  const { status = 500, headers = new Map() } = (error.extensions["http"] ?? {}) as Partial<HttpRefusal>;
  return { status, headers, told: error };
}

function send(reply: FastifyReply, status: number, error: GraphQLError): FastifyReply {
  return reply.code(status).type(contentType).send(bodyOf(error));
}

function bodyOf(error: GraphQLError): string {
  const { requestId } = error.extensions;
  return JSON.stringify({
    errors: [
      {
        message: error.message,
        extensions: { code: codeOf(error), ...(requestId === undefined ? {} : { requestId }) },
      },
    ],
  });
}

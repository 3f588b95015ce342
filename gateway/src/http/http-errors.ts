import { codedError, codeOf, internalServerError, payloadTooLarge } from "@tributary/subgraph-kit/errors";
import type { FastifyError, FastifyInstance } from "fastify";
import type { GraphQLError } from "graphql";

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
  const send = (status: number, error: GraphQLError) => ({ status, body: bodyOf(error) });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, body } = answer(error, request.id);
    return reply.code(status).type("application/json; charset=utf-8").send(body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type("application/json; charset=utf-8")
      .send(bodyOf(codedError("BAD_REQUEST", "There is nothing here."))),
  );

  const answer = (error: FastifyError, requestId: string) => {
    if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return send(413, payloadTooLarge(bodyLimitBytes));
    const status = error.statusCode ?? 500;
    if (status === 415)
      return send(415, codedError("BAD_REQUEST", "The request's content type is not application/json."));
    if (status >= 400 && status < 500)
      return send(status, codedError("BAD_REQUEST", "The request's body is not JSON."));
    onUnforeseen(error, { requestId });
    return send(500, internalServerError(requestId));
  };
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

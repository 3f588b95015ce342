import { codedError } from "@tributary/subgraph-kit/errors";
import { bearerChallenge, hasSeveralAuthorizations } from "@tributary/subgraph-kit/identity";
import type { FastifyRequest } from "fastify";

/**
 * Refuses a request that has more than one `Authorization` header, with HTTP 400 (RFC 6750, section 3.1).
 *
 * @throws GraphQLError
 */
export async function refuseSeveralAuthorizations({ raw }: FastifyRequest): Promise<void> {
  if (!hasSeveralAuthorizations(raw.rawHeaders)) return;
  const message = "The request has more than one Authorization header.";
  throw codedError("BAD_REQUEST", message, {
    httpStatus: 400,
    httpHeaders: new Map([["www-authenticate", bearerChallenge("invalid_request", message)]]),
  });
}

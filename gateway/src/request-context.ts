import { anonymous, type Identity, type IdentityIssuer } from "@tributary/subgraph-kit/identity";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authenticator } from "./auth/authenticator.ts";
import { clientLeft } from "./http/client-left.ts";
import type { SubgraphRequest } from "./subgraphs/subgraph-request.ts";
import type { ResolvedPlan } from "./supergraph/engine.ts";
import { type Client, clientOf } from "./usage/client.ts";

/** What goes along with one operation: each folder sees the part of it that it asks for. */
export interface RequestContext extends Omit<SubgraphRequest, "signal"> {
  /** From `performance.now()`. */
  readonly startedAt: number;
  /** Null where the gateway serves without identity. */
  readonly identity: Identity | null;
  /** The application that asks, as far as it tells. */
  readonly client: Client;
  signal: AbortSignal;
  resolved?: ResolvedPlan;
}

export interface ContextOptions {
  /** Null where the gateway serves without identity. */
  readonly identity: { readonly authenticate: Authenticator; readonly issuer: IdentityIssuer } | null;
  /** Names in lower case. */
  readonly forwardHeaders: readonly string[];
}

/** Makes what makes the context of each operation; it rejects where the caller's token is refused. */
export function createContextSource(options: ContextOptions) {
  const { forwardHeaders } = options;
  const tokens = options.identity?.issuer;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<RequestContext> => {
    const identity = (await options.identity?.authenticate(request.headers.authorization)) ?? null;
    return {
      subgraphCalls: [],
      requestId: request.id,
      startedAt: performance.now() - reply.elapsedTime,
      identity,
      client: clientOf(request.headers),
      forwardedHeaders: Object.fromEntries(
        forwardHeaders.flatMap((name) => {
          const value = request.headers[name];
          return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]];
        }),
      ),
      identityTokenFor:
        tokens === undefined ? null : (service) => tokens.issue(identity ?? anonymous, service),
      signal: clientLeft(reply),
    };
  };
}

import type { IncomingHttpHeaders } from "node:http";
import { anonymous, type Identity, type IdentityIssuer } from "@tributary/subgraph-kit/identity";
import type { Authenticator } from "./auth/authenticator.ts";
import type { Arrival, FrontContext } from "./http/shortcut.ts";
import type { SubgraphRequest } from "./subgraphs/subgraph-request.ts";
import type { ResolvedPlan } from "./supergraph/engine.ts";
import { type Client, clientOf } from "./usage/client.ts";

/** What goes along with one operation: each folder sees the part of it that it asks for. */
export interface RequestContext extends Omit<SubgraphRequest, "waiting">, FrontContext {
  /** From `performance.now()`. */
  readonly startedAt: number;
  /** Null where the gateway serves without identity. */
  readonly identity: Identity | null;
  /** The application that asks, as far as it tells. */
  readonly client: Client;
  waiting: SubgraphRequest["waiting"];
  resolved?: ResolvedPlan;
}

export interface ContextOptions {
  /** Null where the gateway serves without identity. */
  readonly identity: { readonly authenticate: Authenticator; readonly issuer: IdentityIssuer } | null;
  /** Names in lower case. */
  readonly forwardHeaders: readonly string[];
}

/** Makes what makes the context of each operation; it throws or rejects where the caller's token is refused. */
export function createContextSource(options: ContextOptions) {
  const { forwardHeaders, identity: identities } = options;

  const make = (arrival: Arrival, identity: Identity | null): RequestContext => ({
    requestId: arrival.requestId,
    startedAt: arrival.startedAt,
    waiting: arrival.waiting,
    subgraphCalls: [],
    identity,
    client: clientOf(arrival.headers),
    forwardedHeaders: forwardHeaders.length === 0 ? none : pick(arrival.headers, forwardHeaders),
    identityTokenFor:
      identities === null ? null : (service) => identities.issuer.issue(identity ?? anonymous, service),
  });
  return (arrival: Arrival): RequestContext | Promise<RequestContext> => {
    if (identities === null) return make(arrival, null);
    const identity = identities.authenticate(arrival.headers.authorization);
    return identity instanceof Promise
      ? identity.then((verified) => make(arrival, verified))
      : make(arrival, identity);
  };
}

const none: Readonly<Record<string, string>> = Object.freeze({});

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Readonly<Record<string, string>> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) picked[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return picked;
}

import type { GatewayCachePolicy, GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";

type Hint = Parameters<GatewayCachePolicy["restrict"]>[0];

/** Hints by the headers that they were read from: a subgraph sends the same few again and again. */
const hints = new Map<string, Hint>();
const HINTS_LIMIT = 1_000;

/**
 * Narrows the cache policy of the whole response by a subgraph's `cache-control`. An answer without a `max-age` cannot
 * be cached, and with it the whole response.
 */
export function restrictCachePolicy(
  context: GatewayGraphQLRequestContext,
  cacheControl: string | undefined,
): void {
  const policy = context.overallCachePolicy as GatewayCachePolicy | null | undefined;
  if (policy == null || !("restrict" in policy)) return;
  const header = cacheControl ?? "";
  let hint = hints.get(header);
  if (hint === undefined) {
    hint = readHint(header);
    if (hints.size < HINTS_LIMIT) hints.set(header, hint);
  }
  policy.restrict(hint);
}

function readHint(header: string): Hint {
  const directives = new Map(header.split(",").map(readDirective));
  const maxAge = directives.get("max-age") ?? "";
  const hint = { maxAge: /^\d+$/.test(maxAge) ? Number(maxAge) : 0 };
  if (directives.get("public") === null) return { ...hint, scope: "PUBLIC" };
  if (directives.get("private") === null) return { ...hint, scope: "PRIVATE" };
  return hint;
}

/** A directive's name and its value, if it has one. */
function readDirective(text: string): [name: string, value: string | null] {
  const [name = "", value] = text.split("=", 2).map((part) => part.trim());
  return [name, value?.replace(/^"|"$/g, "") ?? null];
}

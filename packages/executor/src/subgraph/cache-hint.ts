import type { GatewayCachePolicy, GatewayGraphQLRequestContext } from "@apollo/server-gateway-interface";

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
  const directives = (cacheControl ?? "").split(",").map((part) => part.trim());
  const maxAge = directives.map((part) => /^max-age\s*=\s*"?(\d+)"?$/.exec(part)?.[1]).findLast(Boolean);
  const scope = directives.includes("public")
    ? "PUBLIC"
    : directives.includes("private")
      ? "PRIVATE"
      : undefined;
  policy.restrict({ maxAge: Number(maxAge ?? 0), ...(scope === undefined ? {} : { scope }) });
}

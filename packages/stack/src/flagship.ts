import { readFileSync } from "node:fs";
import { FLAGSHIP } from "./commands.ts";
import type { Stack } from "./stack.ts";

/** The flagship query as the sample customer sends it, and what came back. */
export interface FlagshipAnswer {
  readonly query: string;
  readonly status: number;
  /** JSON, or what was answered in its place. */
  readonly body: unknown;
}

/** @returns null where there is nobody to ask about, or nobody to vouch for who asks */
export async function askFlagship(stack: Stack): Promise<FlagshipAnswer | null> {
  if (!stack.localIssuer || stack.sampleCustomerId === null) return null;
  const query = readFileSync(FLAGSHIP, "utf8");
  const response = await fetch(`${stack.gatewayUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${await stack.token("customer")}` },
    body: JSON.stringify({
      query: readFileSync(FLAGSHIP, "utf8"),
      variables: { id: stack.sampleCustomerId },
    }),
    signal: AbortSignal.timeout(30_000),
  });
  return { query, status: response.status, body: parseJson(await response.text()) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

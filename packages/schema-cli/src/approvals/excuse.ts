import type { GraphQLSchema } from "graphql";
import { type OperationState, impactsOf } from "../operations/impact.ts";
import type { Finding } from "../result/finding.ts";

/**
 * Notes at each change the operations that it touches; and lets a change that breaks clients pass where it touches none
 * and clients are declared to send no others.
 */
export function judgeByOperations(
  findings: readonly Finding[],
  states: readonly OperationState[],
  base: GraphQLSchema,
): Finding[] {
  const complete = states.some(({ operation }) => operation.complete);
  return findings.map((finding): Finding => {
    if (finding.kind !== "breaking" && finding.kind !== "dangerous") return finding;
    if (finding.coordinate === undefined) return finding;
    const operations = impactsOf(finding, states, base);
    if (operations.length > 0) return { ...finding, operations };
    if (!complete || finding.kind !== "breaking" || finding.severity === "hint") return finding;
    const reason = "no known operation uses it, and the configuration says that clients send no others";
    return { ...finding, severity: "hint", excuse: { by: "operations", reason } };
  });
}

import { rootCauses } from "../result/change-finding.ts";
import type { Finding } from "../result/finding.ts";
import type { Attribution } from "./places.ts";

/**
 * Says of what an interface or an implementation has from the other that it follows from the change there: a field of an
 * interface object is one of each implementation, and what an implementation demands is demanded through its interface. One
 * line of a subgraph that changed is one change, whatever it comes to in the supergraph.
 */
export function followInterfaces(
  findings: readonly Finding[],
  { changed, interfacesOf }: Attribution,
): Finding[] {
  // By what a follower looks for: a type that it implements, or itself as an interface.
  const sources = new Map<string, Finding[]>();
  const note = (key: string, finding: Finding) => sources.set(key, [...(sources.get(key) ?? []), finding]);
  const followers = new Set<Finding>();
  for (const finding of findings) {
    const { coordinate, causes } = finding;
    if (coordinate === undefined || causes !== undefined) continue;
    if (!changed(coordinate)) {
      followers.add(finding);
      continue;
    }
    const owner = ownerOf(coordinate);
    note(keyOf("type", owner, finding), finding);
    for (const name of interfacesOf(owner)) note(keyOf("implementation", name, finding), finding);
  }
  return findings.map((finding) => {
    if (!followers.has(finding)) return finding;
    const { changeId: _, ...rest } = finding;
    const owner = ownerOf(finding.coordinate ?? "");
    const found = [
      ...[...interfacesOf(owner)].flatMap((name) => sources.get(keyOf("type", name, finding)) ?? []),
      ...(sources.get(keyOf("implementation", owner, finding)) ?? []),
    ];
    return found.length === 0 ? finding : { ...rest, causes: rootCauses(found) };
  });
}

/** What one change may have come to at a type, or at one that implements it: the same code, of the same member. */
function keyOf(of: "type" | "implementation", type: string, { code, coordinate = "" }: Finding): string {
  return `${of} ${type} ${code} ${coordinate.slice(ownerOf(coordinate).length)}`;
}

function ownerOf(coordinate: string): string {
  return /^@?\w+/.exec(coordinate)?.[0] ?? coordinate;
}

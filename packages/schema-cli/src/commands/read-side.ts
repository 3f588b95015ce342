import { buildSchema } from "graphql";
import type { Finding } from "../result/finding.ts";
import { compose } from "../steps/compose.ts";
import { type SubgraphSource, parseSubgraphs } from "../steps/parse-subgraphs.ts";
import { sizeText } from "../steps/size-text.ts";
import type { Side } from "../steps/step.ts";

export interface ComposeSideOptions {
  /** Told what is about to be done. */
  onProgress?: (doing: string) => void;
  /** The other state, where it is composed already: what is the same is not parsed again. */
  other?: Side | null;
}

/** Parses and composes one of the two states; null where that fails, and the findings say why. */
export function composeSide(
  which: Side["which"],
  sources: SubgraphSource[],
  { onProgress, other }: ComposeSideOptions = {},
): { side: Side | null; findings: Finding[] } {
  const parsed = parseSubgraphs(sources, other?.subgraphs);
  if (parsed.findings.length > 0) return { side: null, findings: parsed.findings };
  onProgress?.(`composing the ${which}, ${sizeText(parsed.subgraphs)}`);
  const { composed, findings } = compose(parsed.subgraphs);
  if (composed === null) return { side: null, findings };
  // The composer has validated it.
  const api = buildSchema(composed.api, {
    assumeValid: true,
    assumeValidSDL: true,
    noLocation: true,
  });
  return { side: { which, subgraphs: parsed.subgraphs, supergraph: composed.supergraph, api }, findings };
}

/** Whether two states of the repository have the same subgraphs, so that composing one is enough. */
export function sameSources(base: readonly SubgraphSource[], head: readonly SubgraphSource[]): boolean {
  return JSON.stringify(base) === JSON.stringify(head);
}

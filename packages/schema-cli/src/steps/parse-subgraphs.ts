import { type DocumentNode, GraphQLError, Source, parse } from "graphql";
import type { Finding } from "../result/finding.ts";

/** A subgraph's SDL as it was read. */
export interface SubgraphSource {
  name: string;
  url: string;
  /** The file's name as people should see it. */
  file: string;
  sdl: string;
}

export interface ParsedSubgraph extends SubgraphSource {
  document: DocumentNode;
}

/**
 * Parses every subgraph's SDL. Byte order marks and CRLF are as good as none.
 *
 * @param known subgraphs that are parsed already; one that is the same is not parsed again
 * @returns the documents, and a finding for each file that is not GraphQL
 */
export function parseSubgraphs(
  sources: SubgraphSource[],
  known: readonly ParsedSubgraph[] = [],
): {
  subgraphs: ParsedSubgraph[];
  findings: Finding[];
} {
  const subgraphs: ParsedSubgraph[] = [];
  const findings: Finding[] = [];
  for (const source of sources) {
    const same = known.find(
      ({ name, file, sdl }) => name === source.name && file === source.file && sdl === source.sdl,
    );
    if (same !== undefined) {
      subgraphs.push({ ...source, document: same.document });
      continue;
    }
    try {
      subgraphs.push({ ...source, document: parse(new Source(source.sdl, source.file)) });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const [location] = error.locations ?? [];
      findings.push({
        severity: "error",
        code: "INVALID_GRAPHQL",
        message: error.message,
        places: [{ subgraph: source.name, file: source.file, ...location }],
      });
    }
  }
  return { subgraphs, findings };
}

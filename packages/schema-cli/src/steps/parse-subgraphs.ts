import { type DocumentNode, GraphQLError, Source, concatAST, parse } from "graphql";
import type { Finding } from "../result/finding.ts";

/** A file of SDL as it was read. */
export interface SourceFile {
  /** The file's name as people should see it. */
  file: string;
  sdl: string;
}

/** A subgraph's SDL, in one or more files. */
export interface SubgraphSource {
  name: string;
  url: string;
  files: readonly SourceFile[];
}

export interface ParsedSubgraph {
  name: string;
  url: string;
  files: readonly (SourceFile & { document: DocumentNode })[];
  /** What all files define together. */
  document: DocumentNode;
}

/** Whether two states of a subgraph have the same files with the same text. */
export function sameFiles(one: SubgraphSource | undefined, other: SubgraphSource | undefined): boolean {
  const texts = (source: SubgraphSource | undefined) =>
    JSON.stringify(source?.files.map(({ file, sdl }) => [file, sdl]));
  return texts(one) === texts(other);
}

/** The file that is named where there is no place in one. */
export function mainFile({ files }: SubgraphSource): string {
  return files[0]?.file ?? "";
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
    const { name, url } = source;
    const same = known.find((each) => each.name === name && sameFiles(each, source));
    if (same !== undefined) {
      subgraphs.push({ ...same, url });
      continue;
    }
    const files = source.files.flatMap(({ file, sdl }) => {
      try {
        return [{ file, sdl, document: parse(new Source(sdl, file)) }];
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        const [location] = error.locations ?? [];
        const places = [{ subgraph: name, file, ...location }];
        findings.push({ severity: "error", code: "INVALID_GRAPHQL", message: error.message, places });
        return [];
      }
    });
    if (files.length < source.files.length) continue;
    const [only] = files;
    const document =
      files.length === 1 && only !== undefined
        ? only.document
        : concatAST(files.map((each) => each.document));
    subgraphs.push({ name, url, files, document });
  }
  return { subgraphs, findings };
}

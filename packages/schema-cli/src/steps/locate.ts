import type { ASTNode } from "graphql";
import type { Place } from "../result/finding.ts";
import { type ParsedSubgraph, mainFile } from "./parse-subgraphs.ts";

/** Where nodes stand that the composer names with the subgraph they are from. */
export function locateNodes(
  nodes: readonly (ASTNode & { subgraph?: string })[],
  subgraphs: ParsedSubgraph[],
): Place[] {
  const places: Place[] = [];
  for (const node of nodes) {
    const file = node.loc?.source.name ?? fileOf(node.subgraph, subgraphs);
    if (file === undefined) continue;
    const place: Place = { file };
    // Of some errors the composer tells the nodes alone.
    const subgraph =
      node.subgraph ?? subgraphs.find(({ files }) => files.some((each) => each.file === file))?.name;
    if (subgraph !== undefined) place.subgraph = subgraph;
    if (node.loc !== undefined) {
      place.line = node.loc.startToken.line;
      place.column = node.loc.startToken.column;
    }
    places.push(place);
  }
  return places;
}

function fileOf(name: string | undefined, subgraphs: ParsedSubgraph[]): string | undefined {
  const subgraph = subgraphs.find((each) => each.name === name);
  return subgraph === undefined ? undefined : mainFile(subgraph);
}

/**
 * Where the fields stand that a satisfiability error is about. The composer gives no nodes with those, but its text
 * names each field that could not be reached: `cannot find field "Type.field"`.
 */
export function locateCoordinates(message: string, subgraphs: ParsedSubgraph[]): Place[] {
  const coordinates = new Set(
    [...message.matchAll(/cannot find field "(\w+\.\w+)"/g)].map((match) => match[1]),
  );
  return subgraphs.flatMap(({ name, document }) =>
    document.definitions.flatMap((definition) => {
      if (!("fields" in definition)) return [];
      const fields = (definition.fields ?? []).filter((field) =>
        coordinates.has(`${definition.name.value}.${field.name.value}`),
      );
      return locateNodes(
        fields.map((field) => ({ ...field, subgraph: name })),
        subgraphs,
      );
    }),
  );
}

/** The file of the subgraph that a message names in front: `[name] what is wrong`. */
export function locateSubgraph(message: string, subgraphs: ParsedSubgraph[]): Place[] {
  const name = /^\[(.+?)\] /.exec(message)?.[1];
  const subgraph = subgraphs.find((other) => other.name === name);
  return subgraph === undefined ? [] : [{ subgraph: subgraph.name, file: mainFile(subgraph) }];
}

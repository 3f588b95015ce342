import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

/** A subgraph, as SDL without the link to Federation. */
export interface SubgraphText {
  readonly name: string;
  readonly sdl: string;
}

export interface Supergraph {
  readonly sdl: string;
  readonly subgraphs: readonly SubgraphText[];
}

/** What each subgraph begins with. */
export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires",
  "@external", "@provides", "@shareable", "@override", "@interfaceObject"])\n`;

/** Composes subgraphs, or tells why they do not compose. */
export function tryToCompose(subgraphs: readonly SubgraphText[]): Supergraph | readonly Error[] {
  const { supergraphSdl, errors } = composeServices(
    subgraphs.map(({ name, sdl }) => ({
      name,
      url: `http://${name}.test/graphql`,
      typeDefs: parse(LINK + sdl, { noLocation: true }),
    })),
  );
  return supergraphSdl === undefined ? (errors ?? []) : { sdl: supergraphSdl, subgraphs };
}

/**
 * Composes subgraphs.
 *
 * @throws Error where they do not compose
 */
export function composeSubgraphs(subgraphs: readonly SubgraphText[]): Supergraph {
  const composed = tryToCompose(subgraphs);
  if ("sdl" in composed) return composed;
  throw new Error(composed.map(({ message }) => message).join("\n"));
}

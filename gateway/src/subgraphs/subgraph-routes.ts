/**
 * Makes what tells where a subgraph is.
 *
 * @param overrides URLs by name, which win over the supergraph's
 * @returns takes a subgraph's name and its URL in the supergraph; throws where there is neither
 */
export function createSubgraphRoutes(
  overrides: Readonly<Record<string, string>>,
): (name: string, url: string | undefined) => string {
  return (name, url) => {
    const route = Object.hasOwn(overrides, name) ? overrides[name] : url;
    if (route === undefined || !URL.canParse(route)) {
      throw new Error(
        `The supergraph has no URL for the subgraph "${name}". Set --subgraph-url ${name}=URL.`,
      );
    }
    return route;
  };
}

import { type ASTNode, DirectiveLocation, type DocumentNode, Kind, visit } from "graphql";
import { type Feature, ownsDirective, readFeatures } from "./features.ts";
import { SupergraphError } from "./supergraph-error.ts";

/** Specifications that a supergraph is read by, whatever purpose their links name. */
const readByThePlanner: ReadonlySet<string> = new Set([
  "link",
  "core",
  "federation",
  "join",
  "inaccessible",
  "context",
  "connect",
]);

/** Those of them that Apollo's planner and gateway know how to serve. */
const served: ReadonlySet<string> = new Set(["link", "core", "join", "inaccessible", "tag"]);

const executable: ReadonlySet<string> = new Set([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.SUBSCRIPTION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
]);

/**
 * Writes the supergraph that Apollo's planner is given.
 *
 * ApolloGateway refuses a supergraph whose security features it does not enforce itself: those that are enforced in
 * front of it lose their `for: SECURITY`. Features without a purpose may be ignored (link specification, "Purpose"), such
 * as `@cost`, `@tag` and an organization's own: they are left out, so that no version and no use of them can keep a
 * supergraph from being served.
 *
 * @param enforcedUrls URLs of the features that are enforced in front of the planner
 * @throws SupergraphError with the features that are needed to serve it, and that this gateway does not have
 */
export function plannerSupergraph(supergraph: DocumentNode, enforcedUrls: ReadonlySet<string>): DocumentNode {
  const features = readFeatures(supergraph);
  const isIgnored = ({ purpose, name }: Feature) => purpose === null && !readByThePlanner.has(name);
  const ignored = features.filter(isIgnored);
  const unknown = features.filter(
    ({ purpose, name, url }) => purpose !== null && !served.has(name) && !enforcedUrls.has(url),
  );
  if (unknown.length > 0) {
    const list = unknown.map(({ url, purpose }) => `${url} (for: ${purpose})`).join(", ");
    throw new SupergraphError(`It needs what this gateway does not serve: ${list}.`);
  }
  const isKept = (name: string) => {
    const owners = features.filter((feature) => ownsDirective(feature, name));
    return owners.length === 0 || !owners.every(isIgnored);
  };
  const enforced = new Set<ASTNode>(
    features.filter(({ url }) => enforcedUrls.has(url)).map(({ link }) => link),
  );
  const ignoredLinks = new Set<ASTNode>(ignored.map(({ link }) => link));
  return visit(supergraph, {
    [Kind.DIRECTIVE_DEFINITION]: (node) => {
      const isForOperations = node.locations.some(({ value }) => executable.has(value));
      return isForOperations || isKept(node.name.value) ? undefined : null;
    },
    [Kind.DIRECTIVE]: (node) => {
      if (ignoredLinks.has(node) || !isKept(node.name.value)) return null;
      if (!enforced.has(node)) return undefined;
      return { ...node, arguments: node.arguments?.filter((each) => each.name.value !== "for") ?? [] };
    },
  });
}

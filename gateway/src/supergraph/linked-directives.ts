import { type ASTNode, type DocumentNode, Kind, visit } from "graphql";
import { type Feature, ownsDirective, readFeatures } from "./features.ts";
import { SupergraphError } from "./supergraph-error.ts";

/** All directives under this prefix can be imported from it, too (https://specs.apollo.dev/federation/v2.0). */
const federation = /^https:\/\/specs\.apollo\.dev\/federation\/v\d+\.\d+$/;

/**
 * Finds how the directives of some specifications are called in a supergraph, as its `@link`s say.
 *
 * @param specifications URLs by the directive's name; each has one directive, which is called as itself
 * @returns the specification's name for each name, without @, that a directive of it may have in the supergraph
 * @throws SupergraphError where such a specification is linked in another version, or where such a directive is used
 *   without any link that gives it a meaning: nothing would enforce it
 */
export function readLinkedDirectives<Name extends string>(
  supergraph: DocumentNode,
  specifications: Readonly<Record<Name, string>>,
): ReadonlyMap<string, Name> {
  const wanted = Object.entries(specifications) as [Name, string][];
  const names = new Map<string, Name>();
  const features = readFeatures(supergraph);
  for (const feature of features) {
    for (const [name, url] of wanted) {
      if (feature.url !== url && withoutVersion(feature.url) === withoutVersion(url)) {
        throw new SupergraphError(`It links ${feature.url}, of which this gateway knows ${url} alone.`);
      }
      if (feature.url !== url && !federation.test(feature.url)) continue;
      for (const called of namesOf(feature, name)) names.set(called, name);
    }
  }
  const unlinked = findDirective(supergraph, (called) => {
    const name = wanted.find(([each]) => each === called.split("__").at(-1))?.[0];
    return (
      name !== undefined && !names.has(called) && !features.some((feature) => ownsDirective(feature, called))
    );
  });
  if (unlinked !== null) {
    const name = unlinked.name.split("__").at(-1) as Name;
    throw new SupergraphError(
      `@${unlinked.name} stands on ${unlinked.element}, but no @link says what it means, so that nothing would enforce it. ` +
        `Add @link(url: "${specifications[name]}", for: SECURITY) to the schema, or take the directive out.`,
    );
  }
  return names;
}

/** Each name that a directive can have: as it is imported, and with the feature's prefix (link specification, 3.2). */
function namesOf({ name, namespace, imports }: Feature, directive: string): readonly string[] {
  const imported = imports.get(`@${directive}`)?.slice(1);
  return [
    `${namespace}__${directive}`,
    ...(directive === name ? [namespace] : []),
    ...(imported === undefined ? [] : [imported]),
  ];
}

function withoutVersion(url: string): string {
  return url.replace(/\/v\d+\.\d+$/, "");
}

interface UsedDirective {
  readonly name: string;
  /** Where it stands, such as `Type.field`. */
  readonly element: string;
}

function findDirective(supergraph: DocumentNode, isWanted: (name: string) => boolean): UsedDirective | null {
  let found: UsedDirective | null = null;
  visit(supergraph, {
    [Kind.DIRECTIVE]: (node, ...[, , , ancestors]) => {
      if (found === null && isWanted(node.name.value))
        found = { name: node.name.value, element: elementOf(ancestors) };
    },
  });
  return found;
}

function elementOf(ancestors: readonly (ASTNode | readonly ASTNode[])[]): string {
  const named = ancestors.flatMap((each) =>
    "name" in each && each.name !== undefined ? [each.name.value] : [],
  );
  return named.length === 0 ? "the schema" : named.join(".");
}

import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type ValueNode,
  visit,
} from "graphql";

/** A specification that a supergraph uses, as its `@link`s say (https://specs.apollo.dev/link/v1.0). */
export interface Feature {
  /** Such as `https://specs.apollo.dev/policy/v0.1`. */
  readonly url: string;
  /** The URL's part before the version's last: `policy`. */
  readonly name: string;
  /** `SECURITY`, `EXECUTION` or null. */
  readonly purpose: string | null;
  /** The name, without @, that a directive of the specification has in this supergraph. */
  directiveName(directive: string): string;
}

/** The features that a supergraph's `@link`s name. */
export function readFeatures(supergraph: DocumentNode): readonly Feature[] {
  return linksOf(supergraph).flatMap((link) => {
    const url = stringOf(argument(link, "url"));
    if (url === null) return [];
    const name = /\/([^/]+)\/v\d+\.\d+\/?$/.exec(url)?.[1] ?? url;
    const namespace = stringOf(argument(link, "as")) ?? name;
    const imports = readImports(argument(link, "import"));
    return {
      url: url.replace(/\/$/, ""),
      name,
      purpose: enumOf(argument(link, "for")),
      // The directive that is called as its specification goes by the specification's own name (link, section 3.2).
      directiveName: (directive: string) =>
        imports.get(`@${directive}`)?.slice(1) ??
        (directive === name ? namespace : `${namespace}__${directive}`),
    };
  });
}

/**
 * The names, without @, that the directives of some features have in a supergraph.
 *
 * @param features URLs by the directive's name; each specification here has one directive, called as itself
 */
export function directiveNames<Name extends string>(
  supergraph: DocumentNode,
  features: Readonly<Record<Name, string>>,
): { readonly [Each in Name]?: string } {
  const linked = new Map(readFeatures(supergraph).map((feature) => [feature.url, feature]));
  return Object.fromEntries(
    Object.entries<string>(features).flatMap(([directive, url]) => {
      const feature = linked.get(url);
      return feature === undefined ? [] : [[directive, feature.directiveName(directive)]];
    }),
  ) as { readonly [Each in Name]?: string };
}

/**
 * Takes the `for: SECURITY` off the links of the given features. ApolloGateway refuses a supergraph whose security
 * features it does not enforce itself; those that are enforced in front of it must not count. All others stay refused.
 */
export function withoutPurpose(supergraph: DocumentNode, enforcedUrls: ReadonlySet<string>): DocumentNode {
  const links = new Set(linksOf(supergraph));
  return visit(supergraph, {
    [Kind.DIRECTIVE]: (node) => {
      const url = stringOf(argument(node as ConstDirectiveNode, "url"))?.replace(/\/$/, "");
      if (!links.has(node as ConstDirectiveNode) || url === undefined || !enforcedUrls.has(url))
        return undefined;
      return {
        ...node,
        arguments: node.arguments?.filter((each: ArgumentNode) => each.name.value !== "for") ?? [],
      };
    },
  });
}

function linksOf(supergraph: DocumentNode): readonly ConstDirectiveNode[] {
  return supergraph.definitions
    .filter((node) => node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION)
    .flatMap((node) => node.directives ?? [])
    .filter((directive) => directive.name.value === "link");
}

function argument(directive: ConstDirectiveNode, name: string): ValueNode | undefined {
  return directive.arguments?.find((each) => each.name.value === name)?.value;
}

function stringOf(value: ValueNode | undefined): string | null {
  return value?.kind === Kind.STRING ? value.value : null;
}

function enumOf(value: ValueNode | undefined): string | null {
  return value?.kind === Kind.ENUM ? value.value : null;
}

/** From the name in the specification to the name in the supergraph, both with @ where they are directives. */
function readImports(value: ValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  if (value?.kind !== Kind.LIST) return imports;
  for (const item of value.values) {
    if (item.kind === Kind.STRING) imports.set(item.value, item.value);
    if (item.kind !== Kind.OBJECT) continue;
    const field = (name: string) => stringOf(item.fields.find((each) => each.name.value === name)?.value);
    const name = field("name");
    if (name !== null) imports.set(name, field("as") ?? name);
  }
  return imports;
}

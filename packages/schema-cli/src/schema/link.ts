import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  Kind,
  valueFromASTUntyped,
} from "graphql";

/** What a directive is, whatever it is called in a document. */
export interface DirectiveIdentity {
  /** The URL of the feature's specification, without the version: `https://specs.apollo.dev/authenticated`. */
  feature: string;
  /** Its name there, without `@`. */
  name: string;
}

interface Link {
  feature: string;
  /** What the feature's names begin with here where they are not imported. */
  prefix: string;
  /** The feature's own name, which one of its directives may have. */
  own: string;
  /** Imported directives: the name here to the name there, both without `@`. */
  imports: ReadonlyMap<string, string>;
}

/** Names a directive's identity, by its name in the document without `@`; null where no `@link` brings it. */
export type IdentityOf = (name: string) => DirectiveIdentity | null;

const linkFeature = "https://specs.apollo.dev/link";

/**
 * Reads what a schema's `@link`s call the directives of other specifications: imported under their own or another name, as
 * `@prefix__name`, or as the feature itself (https://specs.apollo.dev/link/v1.0).
 */
export function readLinks(document: DocumentNode): IdentityOf {
  const links = linksOf(document);
  const known = new Map<string, DirectiveIdentity | null>();
  return (name) => {
    if (!known.has(name)) known.set(name, identify(name, links));
    return known.get(name) ?? null;
  };
}

function identify(name: string, links: readonly Link[]): DirectiveIdentity | null {
  for (const { feature, imports } of links) {
    const imported = imports.get(name);
    if (imported !== undefined) return { feature, name: imported };
  }
  const [prefix = "", ...rest] = name.split("__");
  const link = links.find((each) => each.prefix === prefix);
  if (link === undefined) return null;
  return { feature: link.feature, name: rest.length === 0 ? link.own : rest.join("__") };
}

function linksOf({ definitions }: DocumentNode): Link[] {
  const directives = definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.directives ?? [])
      : [],
  );
  const found = directives.flatMap((directive) => {
    const link = linkOf(directive);
    return link === null ? [] : [{ name: directive.name.value, link }];
  });
  // `@link` may be renamed by a link of its own specification.
  const name = found.find(
    ({ name: used, link }) => link.feature === linkFeature && link.prefix === used,
  )?.name;
  return found.filter((each) => each.name === (name ?? "link")).map(({ link }) => link);
}

function linkOf({ arguments: args = [] }: ConstDirectiveNode): Link | null {
  const value = (name: string) => args.find((argument) => argument.name.value === name)?.value;
  const url = textOf(value("url"));
  if (url === null) return null;
  // Without a version, the last part is the name all the same.
  const [, feature = "", own = ""] = /^(.*?\/([^/]+?))(?:\/v\d+(?:\.\d+)?)?\/?$/.exec(url) ?? [];
  const imports = value("import");
  return {
    feature,
    own,
    prefix: textOf(value("as")) ?? own,
    imports: new Map(imports?.kind === Kind.LIST ? imports.values.flatMap(importOf) : []),
  };
}

function importOf(node: ConstValueNode): [here: string, there: string][] {
  const value: unknown = valueFromASTUntyped(node);
  const { name, as = name } = (typeof value === "string" ? { name: value } : value) as {
    name?: unknown;
    as?: unknown;
  };
  // Types are imported, too, without `@`.
  if (typeof name !== "string" || typeof as !== "string" || !name.startsWith("@")) return [];
  return [[as.replace(/^@/, ""), name.slice(1)]];
}

function textOf(node: ConstValueNode | undefined): string | null {
  return node?.kind === Kind.STRING ? node.value : null;
}

import { type ConstDirectiveNode, type DocumentNode, Kind, type ValueNode } from "graphql";

/** A specification that a supergraph uses, as its `@link`s say (https://specs.apollo.dev/link/v1.0). */
export interface Feature {
  /** The `@link` itself. */
  readonly link: ConstDirectiveNode;
  /** Such as `https://specs.apollo.dev/policy/v0.1`. */
  readonly url: string;
  /** The URL's part before the version's last: `policy`. */
  readonly name: string;
  /** `SECURITY`, `EXECUTION` or null. */
  readonly purpose: string | null;
  /** The prefix of names that are not imported. */
  readonly namespace: string;
  /** From names in the specification to names in this supergraph; both with @ for directives. */
  readonly imports: ReadonlyMap<string, string>;
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
      link,
      url: url.replace(/\/$/, ""),
      name,
      purpose: enumOf(argument(link, "for")),
      namespace,
      imports,
    };
  });
}

/** Whether a link gives a directive, named without @, its meaning. */
export function ownsDirective({ namespace, imports }: Feature, directive: string): boolean {
  return (
    directive === namespace ||
    directive.startsWith(`${namespace}__`) ||
    [...imports.values()].includes(`@${directive}`)
  );
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

import { type ConstDirectiveNode, type DocumentNode, Kind, type ValueNode, visit } from "graphql";

/** The specifications that are enforced here, by name. */
export const enforcedFeatures = {
  authenticated: "https://specs.apollo.dev/authenticated/v0.1",
  requiresScopes: "https://specs.apollo.dev/requiresScopes/v0.1",
  policy: "https://specs.apollo.dev/policy/v0.1",
} as const;

/** Which of the three directives the names, without @, in a supergraph stand for. */
export type DirectiveNames = ReadonlyMap<string, keyof typeof enforcedFeatures>;

/** What one directive asks for. `anyOf` is an OR of ANDs: one of the inner lists must hold as a whole. */
export type Requirement =
  | { readonly kind: "authenticated" }
  | { readonly kind: "scopes"; readonly anyOf: readonly (readonly string[])[] }
  | { readonly kind: "policies"; readonly anyOf: readonly (readonly string[])[] };

/** What the elements of a supergraph ask for. Requirements are named by their place in `all`. */
export interface Requirements {
  /** Every requirement that is asked for anywhere, each once. */
  readonly all: readonly Requirement[];
  /** By type name: object, interface, scalar or enum. */
  readonly ofTypes: ReadonlyMap<string, readonly number[]>;
  /** By `Type.field`. */
  readonly ofFields: ReadonlyMap<string, readonly number[]>;
  /** `@authenticated on Type.field` and the like, for messages. */
  readonly directivesUsed: readonly string[];
}

/** A directive is there that cannot be understood, so that nothing can be promised. */
export class RequirementError extends Error {
  override readonly name = "RequirementError";
}

/**
 * Reads what a supergraph's `@authenticated`, `@requiresScopes` and `@policy` ask for, as the composer merged them.
 * Several directives on one element must all hold. What follows from them for other elements is not in it yet.
 *
 * @throws RequirementError for arguments that are not lists of lists of strings, and where a directive stands on an
 *   element that is not checked, such as an argument or a union
 */
export function readRequirements(supergraph: DocumentNode, names: DirectiveNames): Requirements {
  const all: Requirement[] = [];
  const places = new Map<string, number>();
  const used: string[] = [];
  const read = new Set<ConstDirectiveNode>();

  const idOf = (requirement: Requirement) => {
    const key = JSON.stringify(requirement);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, all.length);
    return all.push(requirement) - 1;
  };
  const idsOf = (directives: readonly ConstDirectiveNode[] = [], element: string) =>
    directives.flatMap((directive) => {
      const requirement = readRequirement(directive, names, element);
      if (requirement === null) return [];
      read.add(directive);
      used.push(`@${directive.name.value} on ${element}`);
      return idOf(requirement);
    });
  const add = (map: Map<string, readonly number[]>, key: string, ids: readonly number[]) => {
    if (ids.length > 0) map.set(key, [...new Set([...(map.get(key) ?? []), ...ids])]);
  };

  const ofTypes = new Map<string, readonly number[]>();
  const ofFields = new Map<string, readonly number[]>();
  for (const node of supergraph.definitions) {
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        add(ofTypes, node.name.value, idsOf(node.directives, node.name.value));
        for (const field of node.fields ?? []) {
          const element = `${node.name.value}.${field.name.value}`;
          add(ofFields, element, idsOf(field.directives, element));
        }
        break;
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_EXTENSION:
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
        add(ofTypes, node.name.value, idsOf(node.directives, node.name.value));
        break;
      default:
    }
  }
  visit(supergraph, {
    [Kind.DIRECTIVE]: (node) => {
      if (!names.has(node.name.value) || read.has(node as ConstDirectiveNode)) return;
      throw new RequirementError(
        `@${node.name.value} stands on an element where it is not enforced. It is on fields, objects, interfaces, ` +
          "scalars and enums; put it on the fields that return the element, or take it out.",
      );
    },
  });
  return { all, ofTypes, ofFields, directivesUsed: used };
}

/** The names of all policies that are asked for. */
export function policiesIn(requirements: Requirements): readonly string[] {
  const names = requirements.all.flatMap((each) => (each.kind === "policies" ? each.anyOf.flat() : []));
  return [...new Set(names)];
}

function readRequirement(
  directive: ConstDirectiveNode,
  names: DirectiveNames,
  element: string,
): Requirement | null {
  switch (names.get(directive.name.value)) {
    case "authenticated":
      return { kind: "authenticated" };
    case "requiresScopes":
      return { kind: "scopes", anyOf: readLists(directive, "scopes", element) };
    case "policy":
      return { kind: "policies", anyOf: readLists(directive, "policies", element) };
    case undefined:
      return null;
  }
}

function readLists(directive: ConstDirectiveNode, argument: string, element: string): string[][] {
  const value = directive.arguments?.find((each) => each.name.value === argument)?.value;
  const fault = () => {
    throw new RequirementError(
      `@${directive.name.value} on ${element} has no list of lists of names in "${argument}".`,
    );
  };
  if (value === undefined) return fault();
  const items = (node: ValueNode) => (node.kind === Kind.LIST ? node.values : [node]);
  return items(value).map((list) =>
    items(list).map((item) => (item.kind === Kind.STRING ? item.value : fault())),
  );
}

import { type DirectiveNode, type DocumentNode, type FieldNode, Kind, parse, print, visit } from "graphql";

/** The arguments, as text, with which subgraphs are asked for fields of their own accord; by the field's name. */
export type RequiredFields = ReadonlyMap<string, ReadonlySet<string>>;

/** An operation's document whose response names get in nobody's way, and what they were before, by what they are now. */
export interface Renaming {
  readonly document: DocumentNode;
  readonly responseNames: ReadonlyMap<string, string>;
}

/** The fields in the keys and `@requires` of a supergraph, at any depth. */
export function requiredFields(supergraphSdl: string): RequiredFields {
  const fields = new Map<string, Set<string>>();
  const add = (directive: DirectiveNode, argument: string) => {
    const value = directive.arguments?.find(({ name }) => name.value === argument)?.value;
    if (value?.kind !== Kind.STRING) return;
    visit(parse(`{ ${value.value} }`), {
      Field(field) {
        const known = fields.get(field.name.value);
        if (known === undefined) fields.set(field.name.value, new Set([argumentsOf(field)]));
        else known.add(argumentsOf(field));
      },
    });
  };
  visit(parse(supergraphSdl, { noLocation: true }), {
    Directive(directive) {
      if (directive.name.value === "join__type") add(directive, "key");
      if (directive.name.value === "join__field") add(directive, "requires");
    },
  });
  return fields;
}

/**
 * Gives other names to fields that are called like a required field and are not the same field with the same arguments.
 *
 * The planner asks a subgraph for required fields under their own names, beside what the client asks for: with
 * `comments(limit: 1)` from a client and `@requires(fields: "comments(limit: 3) { id }")`, both would be `comments`.
 */
export function renameConflicts(document: DocumentNode, required: RequiredFields): Renaming {
  const taken = new Set<string>();
  visit(document, { Field: (field) => void taken.add(responseNameOf(field)) });
  const responseNames = new Map<string, string>();
  const renamed = visit(document, {
    // What is about the schema is not asked of subgraphs.
    FragmentDefinition: ({ typeCondition }) =>
      typeCondition.name.value.startsWith("__") ? false : undefined,
    Field(field) {
      if (field.name.value === "__schema" || field.name.value === "__type") return false;
      const responseName = responseNameOf(field);
      const asked = required.get(responseName);
      if (asked === undefined) return undefined;
      if (field.name.value === responseName && asked.size === 1 && asked.has(argumentsOf(field)))
        return undefined;
      let alias = `${responseName}_asked`;
      while (taken.has(alias)) alias += "_";
      responseNames.set(alias, responseName);
      return { ...field, alias: { kind: Kind.NAME, value: alias } };
    },
  });
  return { document: responseNames.size === 0 ? document : renamed, responseNames };
}

function responseNameOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function argumentsOf(field: FieldNode): string {
  return (field.arguments ?? [])
    .map((argument) => print(argument))
    .sort()
    .join(", ");
}

import { type DocumentNode, type FieldNode, type GraphQLSchema, Kind, visit } from "graphql";
import { ambiguousNames, responseNameOf, wantedOf } from "../planner-fixes/ambiguous-names.ts";
import { argumentsOf, type Requirements } from "./requirements.ts";

/** An operation's document whose response names get in nobody's way, and what they were before, by what they are now. */
export interface Renaming {
  readonly document: DocumentNode;
  readonly responseNames: ReadonlyMap<string, string>;
}

/**
 * Gives other names to fields that would be taken for other fields in a plan.
 *
 * The planner asks a subgraph for required fields under their own names, beside what the client asks for: with
 * `comments(limit: 1)` from a client and `@requires(fields: "comments(limit: 3) { id }")`, both would be `comments`.
 * And it asks for a field of an interface object once for all types of the interface, although a client may ask for
 * `score(n: 1)` of one type and for `score(n: 2)` of another. And it has one place for objects that only the types around
 * them tell apart; see `ambiguousNames`. And it tells objects apart by what it calls `__typename`, and calls fields
 * `name__alias_0` where subgraphs disagree about their type.
 *
 * @param schema what clients see
 */
export function renameConflicts(
  document: DocumentNode,
  requirements: Requirements,
  schema: GraphQLSchema,
): Renaming {
  const { required, ofInterfaceObjects } = requirements;
  const asked = askedFields(document);
  const ambiguous = ambiguousNames(document, schema, asked);
  const responseNames = new Map<string, string>();
  const aliases = new Map<string, string>();
  const rename = (field: FieldNode): FieldNode => {
    const responseName = responseNameOf(field);
    const key = `${responseName} ${wantedOf(field)}`;
    let alias = aliases.get(key);
    if (alias === undefined) {
      alias = `${responseName}_asked`;
      while (asked.has(alias) || responseNames.has(alias) || required.has(alias)) alias += "_";
      aliases.set(key, alias);
      responseNames.set(alias, responseName);
    }
    return { ...field, alias: { kind: Kind.NAME, value: alias } };
  };
  const renamed = visit(document, {
    // What is about the schema is not asked of subgraphs.
    FragmentDefinition: ({ typeCondition }) =>
      typeCondition.name.value.startsWith("__") ? false : undefined,
    Field(field) {
      if (field.name.value === "__schema" || field.name.value === "__type") return false;
      const responseName = responseNameOf(field);
      // The planner asks for the types of objects by that name.
      if (responseName === "__typename") return field.name.value === responseName ? undefined : rename(field);
      const needed = required.get(responseName);
      if (needed !== undefined) {
        const isNeeded = field.name.value === responseName && needed.has(argumentsOf(field));
        return isNeeded && needed.size === 1 ? undefined : rename(field);
      }
      if (isPlannersName(responseName) && field.name.value !== responseName) return rename(field);
      const isAmbiguous = (asked.get(responseName)?.size ?? 0) > 1;
      if (isAmbiguous && ofInterfaceObjects.has(field.name.value)) return rename(field);
      const [first, ...others] = ambiguous.get(responseName) ?? [];
      // One of them keeps its name.
      return first !== undefined && others.includes(wantedOf(field)) ? rename(field) : undefined;
    },
  });
  return { document: responseNames.size === 0 ? document : renamed, responseNames };
}

/** What is asked for under each response name: fields with their arguments. */
function askedFields(document: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Set<string>>();
  visit(document, {
    Field(field) {
      const known = asked.get(responseNameOf(field));
      if (known === undefined) asked.set(responseNameOf(field), new Set([wantedOf(field)]));
      else known.add(wantedOf(field));
    },
  });
  return asked;
}

/** Names that plans have for something else. */
function isPlannersName(name: string): boolean {
  return name === "__typename" || /__alias_\d+$/.test(name);
}

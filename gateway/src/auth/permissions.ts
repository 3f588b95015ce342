import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
} from "graphql";
import type { Policies } from "./policies.ts";
import type { Requirement, Requirements } from "./requirements.ts";

/** Who is asking, as far as permissions go. Never changes. */
export interface Subject {
  readonly subject: string | null;
  readonly scopes: ReadonlySet<string>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What one caller may see of one supergraph. */
export interface Permissions {
  /** The same for all callers who may see the same: it names this set of permissions in caches. */
  readonly key: string;
  /** False where something of the type, or the type itself, needs more than the caller has. */
  mayUseType(typeName: string): boolean;
  /** False where the field, its parent or its type needs more than the caller has. */
  mayUseField(parent: GraphQLNamedType, fieldName: string): boolean;
  /** True where everything may be seen. */
  readonly everything: boolean;
}

/**
 * Makes the permissions of callers. Fails closed for interfaces: a field selected on an interface needs what the
 * interface asks for and what every type that implements it asks for, as any of them may come back.
 *
 * @param schema what clients see
 * @param requirements of the supergraph that the schema was made of
 */
export function createPermissionSource(
  schema: GraphQLSchema,
  requirements: Requirements,
  policies: Policies,
): (subject: Subject | null) => Permissions {
  const needsOfFields = new Map<string, readonly number[]>();
  const typeNeeds = (name: string) => requirements.ofTypes.get(name) ?? [];

  const needsOf = (parent: GraphQLNamedType, fieldName: string): readonly number[] => {
    const key = `${parent.name}.${fieldName}`;
    const known = needsOfFields.get(key);
    if (known !== undefined) return known;
    const needs = isInterfaceType(parent)
      ? [parent, ...implementationsOf(schema, parent)].flatMap((type) => ownNeeds(type, fieldName))
      : ownNeeds(parent, fieldName);
    const unique = [...new Set(needs)];
    needsOfFields.set(key, unique);
    return unique;
  };
  const ownNeeds = (parent: GraphQLNamedType, fieldName: string): readonly number[] => {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[fieldName] : undefined;
    return [
      ...typeNeeds(parent.name),
      ...(requirements.ofFields.get(`${parent.name}.${fieldName}`) ?? []),
      ...(field === undefined ? [] : typeNeeds(getNamedType(field.type).name)),
    ];
  };

  const made = new Map<string, Permissions>();
  // Neither a subject nor the policies ever change.
  const ofSubjects = new WeakMap<Subject, Permissions>();
  const permissionsOf = (subject: Subject | null): Permissions => {
    const satisfied = requirements.all.map((requirement) => satisfies(subject, requirement, policies));
    const key = satisfied.map((one) => (one ? "1" : "0")).join("");
    const known = made.get(key);
    if (known !== undefined) return known;
    const permissions: Permissions = {
      key,
      everything: satisfied.every(Boolean),
      mayUseType: (name) => typeNeeds(name).every((id) => satisfied[id]),
      mayUseField: (parent, fieldName) => needsOf(parent, fieldName).every((id) => satisfied[id]),
    };
    if (made.size < 1024) made.set(key, permissions);
    return permissions;
  };
  return (subject) => {
    const known = subject === null ? undefined : ofSubjects.get(subject);
    if (known !== undefined) return known;
    const permissions = permissionsOf(subject);
    if (subject !== null) ofSubjects.set(subject, permissions);
    return permissions;
  };
}

function implementationsOf(schema: GraphQLSchema, type: GraphQLInterfaceType): readonly GraphQLNamedType[] {
  const { objects, interfaces } = schema.getImplementations(type);
  return [...objects, ...interfaces];
}

function satisfies(subject: Subject | null, requirement: Requirement, policies: Policies): boolean {
  if (subject === null) return false;
  switch (requirement.kind) {
    case "authenticated":
      return subject.subject !== null;
    case "scopes":
      return requirement.anyOf.some((all) => all.every((scope) => subject.scopes.has(scope)));
    case "policies":
      return requirement.anyOf.some((all) => all.every((name) => policies.allows(name, subject.claims)));
  }
}

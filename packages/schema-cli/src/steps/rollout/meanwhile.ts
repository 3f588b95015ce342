import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNamedType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";

/** Something that clients have before and after, but not in between. */
export interface Gap {
  coordinate: string;
  message: string;
}

export interface Schemas {
  base: GraphQLSchema;
  head: GraphQLSchema;
  between: GraphQLSchema;
}

/**
 * What a client that works with the base and with the head would miss in a state between them: types, fields, arguments,
 * enum values and members that are not there for a while, types of fields that are neither what they were nor what they
 * will be, and inputs that are required for a while.
 */
export function findGaps({ base, head, between }: Schemas): Gap[] {
  return Object.values(base.getTypeMap()).flatMap((type) => {
    const after = head.getType(type.name);
    if (after === undefined || type.name.startsWith("__")) return [];
    const now = between.getType(type.name);
    if (now === undefined) return [gone(type.name)];
    return [
      ...enumGaps(type, after, now),
      ...memberGaps(type, after, now, { base, head, between }),
      ...fieldGaps(type, after, now),
    ];
  });
}

function gone(coordinate: string): Gap {
  return { coordinate, message: `${coordinate} would not be there for a while` };
}

function enumGaps(before: GraphQLNamedType, after: GraphQLNamedType, now: GraphQLNamedType): Gap[] {
  if (!isEnumType(before) || !isEnumType(after) || !isEnumType(now)) return [];
  return before
    .getValues()
    .filter(({ name }) => after.getValue(name) != null && now.getValue(name) == null)
    .map(({ name }) => gone(`${before.name}.${name}`));
}

// oxlint-disable-next-line max-params -- one type in three schemas
function memberGaps(
  before: GraphQLNamedType,
  after: GraphQLNamedType,
  now: GraphQLNamedType,
  schemas: Schemas,
): Gap[] {
  const members = (schema: GraphQLSchema, type: GraphQLNamedType) =>
    isUnionType(type) || isInterfaceType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [];
  const later = members(schemas.head, after);
  const current = members(schemas.between, now);
  return members(schemas.base, before)
    .filter((name) => later.includes(name) && !current.includes(name))
    .map((name) => ({
      coordinate: before.name,
      message: `${name} would not be one of ${before.name} for a while`,
    }));
}

function fieldGaps(before: GraphQLNamedType, after: GraphQLNamedType, now: GraphQLNamedType): Gap[] {
  if (isInputObjectType(before) && isInputObjectType(after) && isInputObjectType(now)) {
    return inputGaps(
      { before: before.getFields(), after: after.getFields(), now: now.getFields() },
      (name) => `${before.name}.${name}`,
    );
  }
  const old = outputFields(before);
  const later = outputFields(after);
  const current = outputFields(now);
  return Object.values(old).flatMap((field) => {
    const next = later[field.name];
    if (next === undefined) return [];
    const coordinate = `${before.name}.${field.name}`;
    const meanwhile = current[field.name];
    if (meanwhile === undefined) return [gone(coordinate)];
    const gaps = inputGaps(
      { before: byName(field.args), after: byName(next.args), now: byName(meanwhile.args) },
      (name) => `${coordinate}(${name}:)`,
    );
    if (!promises(meanwhile.type, field.type) && !promises(meanwhile.type, next.type)) {
      gaps.push({ coordinate, message: `${coordinate} would be ${String(meanwhile.type)} for a while` });
    }
    return gaps;
  });
}

type Inputs = Record<string, GraphQLArgument | GraphQLInputField>;

function inputGaps(
  { before, after, now }: { before: Inputs; after: Inputs; now: Inputs },
  coordinateOf: (name: string) => string,
): Gap[] {
  const gaps: Gap[] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [old, later, current] = [before[name], after[name], now[name]];
    const coordinate = coordinateOf(name);
    if (current === undefined) {
      if (old !== undefined && later !== undefined) gaps.push(gone(coordinate));
      continue;
    }
    if (required(current) && !required(old) && !required(later)) {
      gaps.push({ coordinate, message: `${coordinate} would be required for a while` });
    } else if (old !== undefined && later !== undefined) {
      // An input takes at least what the other promises.
      if (promises(old.type, current.type) || promises(later.type, current.type)) continue;
      gaps.push({ coordinate, message: `${coordinate} would be ${String(current.type)} for a while` });
    }
  }
  return gaps;
}

function required(input: GraphQLArgument | GraphQLInputField | undefined): boolean {
  return input !== undefined && isNonNullType(input.type) && input.defaultValue === undefined;
}

/** Whether who expects `wanted` is content with `given`: it is the same, or says less often null. */
function promises(given: GraphQLType, wanted: GraphQLType): boolean {
  if (isNonNullType(given)) return promises(given.ofType, isNonNullType(wanted) ? wanted.ofType : wanted);
  if (isNonNullType(wanted)) return false;
  if (isListType(given)) return isListType(wanted) && promises(given.ofType, wanted.ofType);
  return isNamedType(given) && isNamedType(wanted) && given.name === wanted.name;
}

function outputFields(type: GraphQLNamedType): Record<string, GraphQLField<unknown, unknown>> {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
}

function byName(args: readonly GraphQLArgument[]): Inputs {
  return Object.fromEntries(args.map((each) => [each.name, each]));
}

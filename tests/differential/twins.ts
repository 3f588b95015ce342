import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { Random } from "./random.ts";

type Field = GraphQLField<unknown, unknown>;

/** What twins are written with. */
export interface TwinWriter {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  /** Arguments of a field in brackets, drawn anew each time; or nothing. */
  arguments(field: Field): string;
  /** A selection set of a type. */
  inside(type: GraphQLCompositeType): string;
}

/** How deep it is, at most, from what tells twins apart to where they are not the same. */
const DEPTH = 2;

/**
 * Writes two fragments with a field of the same response name and shape, in which the same response names mean something
 * else: what only the types around tell apart.
 *
 * @returns an empty text where the types have no such fields
 */
export function writeTwins(type: GraphQLCompositeType, writer: TwinWriter): string {
  const { schema, random } = writer;
  const owners = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  const all = owners.flatMap((owner) => Object.values(owner.getFields()).map((field) => ({ owner, field })));
  const groups = Map.groupBy(
    all.filter(({ field }) => isCompositeType(getNamedType(field.type))),
    ({ field }) => String(field.type),
  );
  const choices = [...groups.values()].filter((group) => new Set(group.map(({ owner }) => owner)).size > 1);
  if (choices.length === 0) return "";
  const group = random.pick(choices);
  const one = random.pick(group);
  const other = random.pick(group.filter(({ owner }) => owner !== one.owner));
  const parts = writePair(getNamedType(one.field.type) as GraphQLCompositeType, writer, DEPTH);
  const name = one.field.name === other.field.name && random.chance(0.7) ? "" : "twin: ";
  // Now and then, the second one is for both.
  const isForBoth =
    !isUnionType(type) && !isObjectType(type) && other.field.name in type.getFields() && random.chance(0.3);
  const fragments = [one, other].map(({ owner, field }, index) => {
    const text = `${name}${field.name}${writer.arguments(field)} ${parts[index]}`;
    return index === 1 && isForBoth ? text : `... on ${owner.name} { ${text} }`;
  });
  return (random.chance(0.5) ? fragments : fragments.toReversed()).join(" ");
}

/** Two selection sets of a type, in which one response name stands for two fields, or a field with other arguments. */
function writePair(type: GraphQLCompositeType, writer: TwinWriter, depth: number): readonly [string, string] {
  const { schema, random } = writer;
  if (isUnionType(type)) {
    const member = random.pick(schema.getPossibleTypes(type));
    const [one, other] = writePair(member, writer, depth);
    return [`{ ... on ${member.name} ${one} }`, `{ ... on ${member.name} ${other} }`];
  }
  const fields = Object.values(type.getFields());
  const inner = fields.filter((field) => isCompositeType(getNamedType(field.type)));
  if (depth > 0 && inner.length > 0 && random.chance(0.3)) {
    const field = random.pick(inner);
    const args = writer.arguments(field);
    const [one, other] = writePair(getNamedType(field.type) as GraphQLCompositeType, writer, depth - 1);
    return [`{ ${field.name}${args} ${one} }`, `{ ${field.name}${args} ${other} }`];
  }
  const whole = (field: Field, alias = "") => {
    const named = getNamedType(field.type);
    return `{ ${alias}${field.name}${writer.arguments(field)} ${isCompositeType(named) ? writer.inside(named) : ""} }`;
  };
  const withArguments = fields.filter((field) => field.args.length > 0);
  if (withArguments.length > 0 && random.chance(0.6)) {
    const field = random.pick(withArguments);
    return [whole(field), whole(field)];
  }
  const alike = [...Map.groupBy(fields, (field) => String(field.type)).values()].filter(
    (each) => each.length > 1,
  );
  if (alike.length > 0 && random.chance(0.6)) {
    const group = random.pick(alike);
    return [whole(random.pick(group), "same: "), whole(random.pick(group), "same: ")];
  }
  return [writer.inside(type), writer.inside(type)];
}

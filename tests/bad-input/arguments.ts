import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
  isObjectType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import { badValues, type ValueText } from "./bad-values.ts";

/** One bad value at one place of one argument. */
export interface BadArgument {
  /** Such as `Customer.orders(filter.total.minMinor)`. */
  readonly place: string;
  /** The type at the place. */
  readonly typeName: string;
  readonly value: ValueText;
  /** Asks for the field, and for `__typename` as `other`: the value in the document, or in a variable. */
  readonly asLiteral: string;
  readonly asVariable: string;
}

interface Place {
  readonly path: string;
  readonly typeName: string;
  /** The whole argument, with the value at this place. */
  readonly around: (value: ValueText) => ValueText;
}

const someId = "7b0f6f5c-1d8a-4f5e-9f3b-0c7f3f1f9a01";
const good: Readonly<Record<string, string>> = {
  String: '"some text"',
  ID: `"${someId}"`,
  Int: "1",
  SafeInt: "1",
  Boolean: "true",
  Currency: '"USD"',
  DateTime: '"2026-01-01T00:00:00Z"',
};

/** Request bodies with every bad value at every place of every argument of a subgraph's schema. */
export function* badArguments(schema: GraphQLSchema): Generator<BadArgument> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.name.startsWith("_")) continue;
      const operation = operationFor(schema, type, field);
      if (operation === null) continue;
      for (const argument of field.args) {
        const others = field.args.filter((each) => each !== argument && isRequiredArgument(each));
        for (const place of placesIn(argument.type, argument.name)) {
          for (const value of badValues(place.typeName)) {
            const whole = place.around(value);
            const call = (given: string) =>
              `(${[`${argument.name}: ${given}`, ...others.map((each) => `${each.name}: ${goodValue(each.type).literal}`)].join(", ")})`;
            yield {
              place: `${type.name}.${field.name}(${place.path})`,
              typeName: place.typeName,
              value,
              asLiteral: `{"query":${JSON.stringify(operation("", call(whole.literal)))}}`,
              asVariable: `{"query":${JSON.stringify(operation(`($given: ${String(argument.type)})`, call("$given")))},"variables":{"given":${whole.json}}}`,
            };
          }
        }
      }
    }
  }
}

/** How a field can be asked for: at a root, or of an entity. */
function operationFor(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): ((variables: string, call: string) => string) | null {
  if (field.args.length === 0) return null;
  const selection = selectionOf(field.type, 3);
  if (type === schema.getQueryType() || type === schema.getMutationType()) {
    const kind = type === schema.getQueryType() ? "query" : "mutation";
    return (variables, call) =>
      `${kind} ${variables} { other: __typename ${field.name}${call} ${selection} }`;
  }
  return (variables, call) =>
    `query ${variables} { _entities(representations: [{ __typename: "${type.name}", id: "${someId}" }]) ` +
    `{ ... on ${type.name} { other: __typename ${field.name}${call} ${selection} } } }`;
}

function selectionOf(output: GraphQLOutputType, depth: number): string {
  const type = getNamedType(output);
  if (!isCompositeType(type)) return "";
  const fields = isObjectType(type)
    ? Object.values(type.getFields()).filter((field) => !field.args.some(isRequiredArgument))
    : [];
  const chosen = fields.flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return [field.name];
    return depth > 0 ? [`${field.name} ${selectionOf(field.type, depth - 1)}`] : [];
  });
  return `{ ${["__typename", ...chosen].join(" ")} }`;
}

/** Each place in a value of the type where a scalar or an enum stands. */
function* placesIn(input: GraphQLInputType, path: string): Generator<Place> {
  const type = getNullableType(input);
  if (isListType(type)) {
    for (const place of placesIn(type.ofType, `${path}[]`)) {
      yield {
        ...place,
        around(value) {
          const { json, literal } = place.around(value);
          return { json: `[${json}]`, literal: `[${literal}]` };
        },
      };
    }
    return;
  }
  if (!isInputObjectType(type)) {
    yield { path, typeName: type.name, around: (value) => value };
    return;
  }
  const fields = Object.values(type.getFields());
  for (const field of fields) {
    const others = fields.filter((each) => each !== field && isRequiredInputField(each));
    for (const place of placesIn(field.type, `${path}.${field.name}`)) {
      yield {
        ...place,
        around: (value) =>
          objectOf([
            [field.name, place.around(value)],
            ...others.map((each): [string, ValueText] => [each.name, goodValue(each.type)]),
          ]),
      };
    }
  }
}

function objectOf(fields: readonly (readonly [string, ValueText])[]): ValueText {
  return {
    json: `{${fields.map(([name, { json }]) => `"${name}":${json}`).join(",")}}`,
    literal: `{${fields.map(([name, { literal }]) => `${name}:${literal}`).join(",")}}`,
  };
}

function goodValue(input: GraphQLInputType): ValueText {
  const type = getNullableType(input);
  if (isListType(type)) return { json: "[]", literal: "[]" };
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(isRequiredInputField);
    return objectOf(required.map((field): [string, ValueText] => [field.name, goodValue(field.type)]));
  }
  if (isEnumType(type)) {
    const { name } = type.getValues()[0]!;
    return { json: `"${name}"`, literal: name };
  }
  const known = good[type.name];
  if (known === undefined) throw new Error(`write down a good ${type.name} here, and bad ones beside it`);
  return { json: known, literal: known };
}

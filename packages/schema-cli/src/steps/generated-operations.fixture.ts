import {
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  buildSchema,
  executeSync,
  getNamedType,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import {
  type Model,
  type Use,
  inputLiteral,
  isRequired,
  literal,
  typeText,
} from "./generated-schema.fixture.ts";

const answers: Record<string, unknown> = { Int: 1, String: "s", ID: "id", Boolean: true };
type Answer = "values" | "null" | "null item";

/**
 * The operations that the first schema takes and that go wrong with the second one: they are refused, or get an answer
 * that the first schema rules out. The second schema answers as badly as it may.
 */
export function failures(model: Model, before: string, after: string): string[] {
  const [base, head] = [buildSchema(before), buildSchema(after)];
  return operations(model, base).filter((text) => {
    const document = parse(text);
    const errors = validate(base, document);
    if (errors.length > 0) throw new Error(`${text}: ${errors[0]?.message}\n${before}`);
    if (validate(head, document).length > 0) return true;
    return (["values", "null", "null item"] as const).some((answer) => !keeps({ text, base, head, answer }));
  });
}

/** Operations that use each thing in each way there is. */
function operations(model: Model, base: GraphQLSchema): string[] {
  const texts = model.values.map((value) => `{ e(e: ${value}) }`);
  for (const member of model.members) texts.push(`{ u { ... on ${member} { __typename } } }`);
  for (const type of model.implementing) {
    texts.push(`{ i { ... on ${type} { __typename } } }`, `{ ${type.toLowerCase()} { ... on I { id } } }`);
  }
  for (const name of model.aside.filter((each) => each === "V" || each === "J")) {
    texts.push(`{ t0 { ... on ${name} { __typename } } }`);
  }
  texts.push(`{ e(in: ${inputLiteral(model)}) }`);
  for (const [index, each] of model.input.entries()) {
    if (each === null) continue;
    for (const [variables, value] of ways(each, model)) {
      texts.push(`query${variables} { e(in: ${inputLiteral(model, { [`x${index}`]: value })}) }`);
    }
  }
  for (const [type, fields] of model.types.entries()) {
    for (const [index, field] of fields.entries()) {
      if (field === null) continue;
      const call = (more: Record<string, string>) => {
        const args = field.args.flatMap((arg, at) => {
          const own = more[`a${at}`];
          if (arg === null || (own === undefined && !isRequired(arg))) return [];
          return [`a${at}: ${own ?? literal(arg, model)}`];
        });
        return `f${index}${args.length === 0 ? "" : `(${args.join(", ")})`}`;
      };
      for (const selection of selections(field.use.type, base))
        texts.push(`{ t${type} { ${call({})} ${selection} } }`);
      const [selection = ""] = selections(field.use.type, base);
      for (const [at, arg] of field.args.entries()) {
        if (arg === null) continue;
        for (const [variables, value] of ways(arg, model)) {
          texts.push(`query${variables} { t${type} { ${call({ [`a${at}`]: value })} ${selection} } }`);
        }
      }
    }
  }
  return texts;
}

/** A literal, a variable, and null where that may be. */
function ways(use: Use, model: Model): [variables: string, value: string][] {
  const given = literal(use, model);
  const all: [string, string][] = [
    ["", given],
    [`($v: ${typeText(use)} = ${given})`, "$v"],
  ];
  if (!use.wrap.endsWith("!")) {
    all.push(["", "null"], [`($v: ${typeText(use)})`, "$v"]);
  }
  if (use.wrap.startsWith("[") && !use.wrap.includes("?!")) all.push(["", "[null]"]);
  return all;
}

function selections(type: string, base: GraphQLSchema): string[] {
  const named = base.getType(type);
  if (isObjectType(named)) return ["{ __typename }", `{ ... on ${type} { id __typename } }`];
  if (!isAbstractType(named)) return [""];
  return [
    "{ __typename }",
    ...base.getPossibleTypes(named).map(({ name }) => `{ ... on ${name} { id } __typename }`),
  ];
}

interface Run {
  text: string;
  base: GraphQLSchema;
  head: GraphQLSchema;
  answer: Answer;
}

/** Whether the head's answer is one that the base could have given. */
function keeps({ text, base, head, answer }: Run): boolean {
  const asked: { owner: string; field: string }[] = [];
  const { data, errors } = executeSync({
    schema: head,
    document: parse(text),
    fieldResolver(...[, , , info]: [unknown, unknown, unknown, GraphQLResolveInfo]) {
      const { parentType, fieldName, path } = info;
      if (parentType.name === "Query" && !fieldName.startsWith("t")) return null;
      if (path.prev !== undefined && path.prev.prev === undefined) {
        asked.push({ owner: parentType.name, field: fieldName });
        return invent(info.returnType, head, answer);
      }
      return fieldName === "id" ? "id" : {};
    },
    typeResolver: (value: unknown) => (value as { is?: string }).is,
  });
  if (errors !== undefined) return false;
  const [target] = asked;
  if (target === undefined || target.field === "id") return true;
  const owner = base.getType(target.owner);
  if (!isObjectType(owner)) return false;
  const type = owner.getFields()[target.field]?.type;
  const parent = Object.values(data ?? {})[0] as Record<string, unknown>;
  return type !== undefined && fits(parent[target.field], type);
}

function invent(type: GraphQLOutputType, schema: GraphQLSchema, answer: Answer): unknown {
  const inner = isNonNullType(type) ? type.ofType : type;
  if (!isNonNullType(type) && answer === "null") return null;
  if (isListType(inner)) {
    const item = inner.ofType as GraphQLOutputType;
    return [!isNonNullType(item) && answer === "null item" ? null : invent(item, schema, "values")];
  }
  const named = getNamedType(inner);
  if (isEnumType(named)) return named.getValues()[0]?.name;
  if (isAbstractType(named)) return { is: schema.getPossibleTypes(named)[0]?.name };
  return isObjectType(named) ? {} : answers[named.name];
}

/** Whether a value is one that a type promises. Enums and abstract types may grow, which is dangerous at most. */
function fits(value: unknown, type: GraphQLOutputType): boolean {
  if (isNonNullType(type)) return value != null && fits(value, type.ofType);
  if (value == null) return true;
  if (isListType(type)) {
    return Array.isArray(value) && value.every((item) => fits(item, type.ofType));
  }
  const named = getNamedType(type);
  if (Array.isArray(value)) return false;
  if (isEnumType(named)) return typeof value === "string" && /^[ABC]$/.test(value);
  if (isObjectType(named) || isAbstractType(named)) return typeof value === "object";
  return value === answers[named.name];
}

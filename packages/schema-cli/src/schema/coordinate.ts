import {
  type ConstDirectiveNode,
  type GraphQLArgument,
  type GraphQLDirective,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  print,
} from "graphql";

/** What a schema coordinate names (https://spec.graphql.org/draft/#sec-Schema-Coordinates). */
export type Element =
  | { is: "type"; element: GraphQLNamedType }
  | { is: "field"; element: GraphQLField<unknown, unknown> }
  | { is: "input field"; element: GraphQLInputField }
  | { is: "argument"; element: GraphQLArgument }
  | { is: "enum value"; element: GraphQLEnumValue }
  | { is: "directive"; element: GraphQLDirective };

/** The element that a coordinate names in a schema; null where it has none. */
export function resolveCoordinate(schema: GraphQLSchema, coordinate: string): Element | null {
  const match = /^(@)?(\w+)(?:\.(\w+))?(?:\((\w+):\))?$/.exec(coordinate);
  if (match === null) return null;
  const [, at, owner = "", member, argument] = match;
  if (at !== undefined) {
    const directive = schema.getDirective(owner) ?? null;
    if (directive === null || argument === undefined) return wrap("directive", directive);
    return wrap("argument", directive.args.find(({ name }) => name === argument) ?? null);
  }
  const type = schema.getType(owner) ?? null;
  if (type === null || member === undefined) return wrap("type", type);
  if (isEnumType(type)) return wrap("enum value", type.getValue(member) ?? null);
  if (isInputObjectType(type)) return wrap("input field", type.getFields()[member] ?? null);
  if (!isObjectType(type) && !isInterfaceType(type)) return null;
  const field = type.getFields()[member] ?? null;
  if (field === null || argument === undefined) return wrap("field", field);
  return wrap("argument", field.args.find(({ name }) => name === argument) ?? null);
}

function wrap<Is extends Element["is"]>(is: Is, element: Extract<Element, { is: Is }>["element"] | null) {
  return element === null ? null : ({ is, element } as unknown as Element);
}

/** One line of SDL that says what stands at a coordinate, without descriptions; a type is its kind and name. */
export function describe(found: Element): string {
  const { is, element } = found;
  switch (is) {
    case "type": {
      const keyword = keywords[element.astNode?.kind ?? ""] ?? "type";
      return `${keyword} ${element.name}${directives(element.astNode?.directives)}`;
    }
    case "directive":
      return [
        `directive @${element.name}${argumentsOf(element.args)}`,
        ...(element.isRepeatable ? ["repeatable"] : []),
        `on ${element.locations.join(" | ")}`,
      ].join(" ");
    case "field":
      return `${element.name}${argumentsOf(element.args)}: ${String(element.type)}${directives(element.astNode?.directives)}`;
    case "enum value":
      return `${element.name}${directives(element.astNode?.directives)}`;
    case "argument":
    case "input field":
      return value(element);
  }
}

const keywords: Record<string, string> = {
  ScalarTypeDefinition: "scalar",
  ObjectTypeDefinition: "type",
  InterfaceTypeDefinition: "interface",
  UnionTypeDefinition: "union",
  EnumTypeDefinition: "enum",
  InputObjectTypeDefinition: "input",
};

function argumentsOf(args: readonly GraphQLArgument[]): string {
  return args.length === 0 ? "" : `(${args.map(value).join(", ")})`;
}

function value({ name, type, astNode }: GraphQLArgument | GraphQLInputField): string {
  const given = astNode?.defaultValue === undefined ? "" : ` = ${print(astNode.defaultValue)}`;
  return `${name}: ${String(type)}${given}${directives(astNode?.directives)}`;
}

function directives(nodes: readonly ConstDirectiveNode[] = []): string {
  return nodes.map((node) => ` ${print(node)}`).join("");
}

import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  TypeInfo,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from "graphql";

/**
 * The coordinates that an operation depends on: fields (of an abstract type also those of all its implementations),
 * types, arguments, directives, and everything within the input types that it sends, as a variable may have any of it.
 */
export function coordinatesUsed(document: DocumentNode, schema: GraphQLSchema): Set<string> {
  const used = new Set<string>();
  const info = new TypeInfo(schema);
  const output = (type: GraphQLOutputType | undefined | null) => {
    const named = type == null ? undefined : getNamedType(type);
    if (named === undefined) return;
    used.add(named.name);
    if (isAbstractType(named)) for (const { name } of schema.getPossibleTypes(named)) used.add(name);
  };
  const input = (type: GraphQLInputType | undefined | null) => {
    const named = type == null ? undefined : getNamedType(type);
    if (named === undefined || used.has(named.name)) return;
    used.add(named.name);
    if (!isInputObjectType(named)) return;
    for (const field of Object.values(named.getFields())) {
      used.add(`${named.name}.${field.name}`);
      input(field.type);
    }
  };
  visit(
    document,
    visitWithTypeInfo(info, {
      OperationDefinition: () => output(info.getType() as GraphQLOutputType | undefined),
      VariableDefinition(node) {
        const type = typeFromAST(schema, node.type);
        input(type as GraphQLInputType | undefined);
      },
      Field(node) {
        const parent = info.getParentType();
        if (parent == null) return;
        const owners = [parent, ...(isAbstractType(parent) ? schema.getPossibleTypes(parent) : [])];
        for (const { name } of owners) used.add(`${name}.${node.name.value}`);
        output(info.getType() as GraphQLOutputType | undefined);
      },
      Argument(node) {
        const [parent, field] = [info.getParentType(), info.getFieldDef()];
        if (info.getDirective() == null && parent != null && field != null) {
          used.add(`${parent.name}.${field.name}(${node.name.value}:)`);
        }
        input(info.getInputType());
      },
      Directive: (node) => void used.add(`@${node.name.value}`),
      InlineFragment: (node) => void (node.typeCondition && used.add(node.typeCondition.name.value)),
      FragmentDefinition: (node) => void used.add(node.typeCondition.name.value),
    }),
  );
  return used;
}

/** Whether a change at a coordinate can be felt by whoever uses these. */
export function touches(used: ReadonlySet<string>, coordinate: string, schema: GraphQLSchema): boolean {
  if (used.has(coordinate)) return true;
  // An argument that is new or has another default matters to those who do not give it.
  if (coordinate.includes("(")) return used.has(coordinate.replace(/\(.*/, ""));
  const [owner = "", member] = coordinate.split(".");
  const type = schema.getType(owner);
  return member !== undefined && (isEnumType(type) || isInputObjectType(type)) && used.has(owner);
}

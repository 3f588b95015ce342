import {
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  TypeInfo,
  getNamedType,
  isAbstractType,
  visit,
  visitWithTypeInfo,
} from "graphql";

/**
 * The coordinates that nodes of an operation are about, such as those that validation complains of: the field, argument,
 * directive or type that each names, or the input type of the value that it is.
 */
export function coordinatesAt(
  nodes: ReadonlySet<ASTNode>,
  document: DocumentNode,
  schema: GraphQLSchema,
): Set<string> {
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  const note = (node: ASTNode) => {
    const parent = info.getParentType();
    const owners =
      parent == null ? [] : [parent, ...(isAbstractType(parent) ? schema.getPossibleTypes(parent) : [])];
    switch (node.kind) {
      case Kind.FIELD:
        for (const { name } of owners) found.add(`${name}.${node.name.value}`);
        break;
      case Kind.ARGUMENT:
        for (const { name } of owners) found.add(`${name}.${info.getFieldDef()?.name}(${node.name.value}:)`);
        break;
      case Kind.DIRECTIVE:
        found.add(`@${node.name.value}`);
        break;
      case Kind.NAMED_TYPE:
        found.add(node.name.value);
        break;
      case Kind.INLINE_FRAGMENT:
      case Kind.FRAGMENT_DEFINITION:
        if (node.typeCondition !== undefined) found.add(node.typeCondition.name.value);
        for (const { name } of owners) found.add(name);
        break;
      case Kind.FRAGMENT_SPREAD:
        for (const { name } of owners) found.add(name);
        break;
      case Kind.OBJECT_FIELD: {
        const input = info.getParentInputType();
        if (input != null) found.add(`${getNamedType(input).name}.${node.name.value}`);
        break;
      }
      default: {
        const input = info.getInputType();
        if (input == null) break;
        const { name } = getNamedType(input);
        found.add(name);
        if (node.kind === Kind.ENUM) found.add(`${name}.${node.value}`);
      }
    }
  };
  visit(
    document,
    visitWithTypeInfo(info, {
      enter(node) {
        if (nodes.has(node)) note(node);
      },
    }),
  );
  return found;
}

import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getIntrospectionQuery,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from "graphql";

/** How many members a type has on average, over all types, and how many the type with the most has. */
type Members = readonly [average: number, most: number];

/** What the fields of introspection lead to: the type of the objects, and how many lists of them there are. */
interface Field {
  readonly to: string;
  /** How many of them one object leads to; one where it is absent. */
  readonly members?: Members;
  /** Whether all types are in it, each once. */
  readonly ofAll?: true;
}

/** Every field of introspection that leads to objects, by type (GraphQL, section 4.2). */
type Shape = Readonly<Record<string, Readonly<Record<string, Field>>>>;

/** How much larger than the whole schema's description an answer may be, in values. */
const TIMES_WHOLE = 2;
const LEAST_LIMIT = 100_000;

/** Tells how large the answer of an operation's introspection can be, without making it. */
export interface IntrospectionMeasure {
  /** How many values an operation's introspection gives, about: what is in fragments counts as often as it is spread. */
  size(document: DocumentNode, operation: OperationDefinitionNode): number;
  /** How many may be given: twice what the query gives that tools read a schema with. */
  readonly limit: number;
}

/**
 * Makes the measure of a schema. An operation can ask for all types, again under each alias, and in fields of types again:
 * that is much larger than what is written, and it is answered here, not by a subgraph.
 */
export function createIntrospectionMeasure(schema: GraphQLSchema): IntrospectionMeasure {
  const shape = shapeOf(schema);
  const whole = parse(getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }));
  const operation = whole.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const wholeSize = operation === undefined ? 0 : measure(shape, whole, operation);
  return {
    size: (document, of) => measure(shape, document, of),
    limit: Math.max(LEAST_LIMIT, TIMES_WHOLE * wholeSize),
  };
}

function measure(shape: Shape, document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions)
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const known = new Map<string, number>();

  /** @param typename of introspection; null for a type of the schema itself, whose fields count as nothing */
  const sizeOfSet = (
    { selections }: SelectionSetNode,
    typename: string | null,
    isAverage: boolean,
  ): number => {
    let size = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        size += sizeOfFragment(selection.name.value, typename, isAverage);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        size += sizeOfSet(selection.selectionSet, typename, isAverage);
      } else if (selection.selectionSet === undefined) {
        size += typename === null ? 0 : 1;
      } else if (typename === null) {
        const { value } = selection.name;
        const root = value === "__schema" ? "__Schema" : value === "__type" ? "__Type" : null;
        size += (root === null ? 0 : 1) + sizeOfSet(selection.selectionSet, root, false);
      } else {
        const { to, members = [1, 1], ofAll } = shape[typename]?.[selection.name.value] ?? { to: "" };
        // Where all types are there, each once, their members are as many as there are on average. Elsewhere it may be the
        // largest of all types, in each place.
        const isWithinAverage = ofAll === true || (isAverage && to !== "__Type");
        size += members[isAverage ? 0 : 1] * (1 + sizeOfSet(selection.selectionSet, to, isWithinAverage));
      }
    }
    return size;
  };
  const sizeOfFragment = (name: string, typename: string | null, isAverage: boolean): number => {
    const key = `${name} ${typename} ${isAverage}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    known.set(key, 0);
    const fragment = fragments.get(name);
    const size = fragment === undefined ? 0 : sizeOfSet(fragment.selectionSet, typename, isAverage);
    known.set(key, size);
    return size;
  };
  return sizeOfSet(operation.selectionSet, null, false);
}

function shapeOf(schema: GraphQLSchema): Shape {
  const types = Object.values(schema.getTypeMap());
  const directives = schema.getDirectives();
  const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type));
  const fields = withFields.flatMap((type) => Object.values(type.getFields()));
  const overTypes = (counts: readonly number[]): Members => [sum(counts) / types.length, most(counts)];
  const overEach = (counts: readonly number[]): Members => [sum(counts) / (counts.length || 1), most(counts)];
  const possible = types
    .filter((type) => isInterfaceType(type) || isUnionType(type))
    .map((type) => schema.getPossibleTypes(type).length);
  const one: Field = { to: "__Type" };
  return {
    __Schema: {
      types: { to: "__Type", members: [types.length, types.length], ofAll: true },
      queryType: one,
      mutationType: one,
      subscriptionType: one,
      directives: { to: "__Directive", members: [directives.length, directives.length], ofAll: true },
    },
    __Type: {
      fields: {
        to: "__Field",
        members: overTypes(withFields.map((type) => Object.keys(type.getFields()).length)),
      },
      interfaces: {
        to: "__Type",
        members: overTypes(withFields.map((type) => type.getInterfaces().length)),
      },
      possibleTypes: { to: "__Type", members: overTypes(possible) },
      enumValues: {
        to: "__EnumValue",
        members: overTypes(types.filter(isEnumType).map((type) => type.getValues().length)),
      },
      inputFields: {
        to: "__InputValue",
        members: overTypes(
          types.filter(isInputObjectType).map((type) => Object.keys(type.getFields()).length),
        ),
      },
      ofType: one,
    },
    __Field: {
      args: { to: "__InputValue", members: overEach(fields.map(({ args }) => args.length)) },
      type: one,
    },
    __InputValue: { type: one },
    __Directive: {
      args: { to: "__InputValue", members: overEach(directives.map(({ args }) => args.length)) },
    },
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, each) => all + each, 0);
}

function most(counts: readonly number[]): number {
  return counts.reduce((all, each) => Math.max(all, each), 0);
}

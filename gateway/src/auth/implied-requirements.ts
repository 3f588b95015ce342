import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from "graphql";
import { type Requirements, RequirementError } from "./requirements.ts";

/** An object or interface, its parts in one. */
interface CompositeType {
  readonly isInterface: boolean;
  /** Names of all interfaces that it implements. */
  readonly interfaces: Set<string>;
  readonly directives: ConstDirectiveNode[];
  readonly fields: Map<string, FieldDefinitionNode>;
}

/**
 * Adds what the requirements of some elements imply for others. Older composers leave this undone; newer ones refuse
 * what does not say it itself, so that nothing is added to what they make:
 *
 * - a field that is computed from others (`@requires`) shows them: it needs what they need;
 * - a field that an `@interfaceObject` gives to the types of an interface needs there what it needs on the interface.
 *
 * That a field on an interface needs what it needs on the types behind it is for permissions to see.
 *
 * @param supergraph with the directives of the join specification
 * @throws RequirementError where a field set cannot be read
 */
export function addImpliedRequirements(requirements: Requirements, supergraph: DocumentNode): Requirements {
  if (requirements.all.length === 0) return requirements;
  const types = readTypes(supergraph);
  const ofFields = new Map(requirements.ofFields);
  const dependencies = dependenciesIn(types);

  /** What the parts of one field's value need, as far as it is known yet. */
  const needsOf = (coordinate: string): readonly number[] =>
    ofFields.get(coordinate) ?? requirements.ofTypes.get(coordinate) ?? [];
  // A required field can be computed itself: until nothing is added any more.
  for (let isDone = false; !isDone;) {
    isDone = true;
    for (const [field, needed] of dependencies) {
      const known = ofFields.get(field) ?? [];
      const all = [...new Set([...known, ...[...needed].flatMap(needsOf)])];
      if (all.length === known.length) continue;
      ofFields.set(field, all);
      isDone = false;
    }
  }
  return { ...requirements, ofFields };
}

/** By `Type.field`, the types and fields whose requirements hold for it too. */
function dependenciesIn(types: ReadonlyMap<string, CompositeType>): ReadonlyMap<string, ReadonlySet<string>> {
  const dependencies = new Map<string, Set<string>>();
  const of = (coordinate: string): Set<string> => {
    const known = dependencies.get(coordinate) ?? new Set();
    dependencies.set(coordinate, known);
    return known;
  };
  for (const [name, { fields, isInterface, interfaces }] of types) {
    for (const field of fields.values()) {
      const coordinate = `${name}.${field.name.value}`;
      for (const set of requiredBy(field, coordinate))
        addSelections(types, { type: name, set, to: of(coordinate) });
      if (isInterface) continue;
      for (const each of interfaces) {
        if (comesOfInterfaceObject(types.get(each), field.name.value))
          of(coordinate).add(`${each}.${field.name.value}`);
      }
    }
  }
  return dependencies;
}

interface Selections {
  /** What they are selected of. */
  readonly type: string;
  readonly set: SelectionSetNode;
  readonly to: Set<string>;
}

function addSelections(types: ReadonlyMap<string, CompositeType>, { type, set, to }: Selections): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value ?? type;
      to.add(condition);
      addSelections(types, { type: condition, set: selection.selectionSet, to });
      continue;
    }
    const name = selection.name.value;
    for (const [possible, { fields, interfaces }] of types) {
      const field = possible === type || interfaces.has(type) ? fields.get(name) : undefined;
      if (field === undefined) continue;
      const result = namedType(field.type);
      to.add(`${possible}.${name}`).add(result);
      if (selection.selectionSet !== undefined)
        addSelections(types, { type: result, set: selection.selectionSet, to });
    }
  }
}

/** The field sets that subgraphs need of others to answer a field. */
function requiredBy(field: FieldDefinitionNode, coordinate: string): readonly SelectionSetNode[] {
  return joinsOf(field).flatMap((each) => {
    const value = argumentOf(each, "requires");
    return value?.kind === Kind.STRING ? [readFieldSet(value.value, coordinate)] : [];
  });
}

function joinsOf(field: FieldDefinitionNode): readonly ConstDirectiveNode[] {
  return (field.directives ?? []).filter((each) => each.name.value === "join__field");
}

/** @throws RequirementError where it is none */
function readFieldSet(text: string, coordinate: string): SelectionSetNode {
  try {
    const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions;
    if (definition?.kind === Kind.OPERATION_DEFINITION) return definition.selectionSet;
  } catch {
    // It is told below.
  }
  throw new RequirementError(
    `What ${coordinate} needs of other fields cannot be read, so that nobody can say who may see it: "${text}".`,
  );
}

function readTypes(supergraph: DocumentNode): ReadonlyMap<string, CompositeType> {
  const types = new Map<string, CompositeType>();
  for (const node of supergraph.definitions) {
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION: {
        const isInterface =
          node.kind === Kind.INTERFACE_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_EXTENSION;
        const type: CompositeType = types.get(node.name.value) ?? {
          isInterface,
          interfaces: new Set(),
          directives: [],
          fields: new Map(),
        };
        types.set(node.name.value, type);
        for (const each of node.interfaces ?? []) type.interfaces.add(each.name.value);
        type.directives.push(...(node.directives ?? []));
        for (const field of node.fields ?? []) type.fields.set(field.name.value, field);
        break;
      }
      default:
    }
  }
  return types;
}

/** Whether a subgraph that knows the interface as an object has the field. */
function comesOfInterfaceObject(type: CompositeType | undefined, name: string): boolean {
  const field = type?.fields.get(name);
  if (type === undefined || field === undefined) return false;
  const graphs = type.directives.flatMap((each) => {
    const value = argumentOf(each, "isInterfaceObject");
    return each.name.value === "join__type" && value?.kind === Kind.BOOLEAN && value.value
      ? [graphOf(each)]
      : [];
  });
  const joins = joinsOf(field);
  // A field without is one of every subgraph that has the type.
  return graphs.length > 0 && (joins.length === 0 || joins.some((each) => graphs.includes(graphOf(each))));
}

function graphOf(directive: ConstDirectiveNode): string | null {
  const value = argumentOf(directive, "graph");
  return value?.kind === Kind.ENUM ? value.value : null;
}

function argumentOf(directive: ConstDirectiveNode, name: string): ValueNode | undefined {
  return directive.arguments?.find((each) => each.name.value === name)?.value;
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

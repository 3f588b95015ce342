import {
  getNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from "graphql";
import {
  fieldReader,
  fieldSetter,
  isJsonObject,
  type Json,
  type JsonObject,
  ownField,
  setField,
} from "../json.ts";
import { BROKEN, FAILED, type Projected, type ProjectionRun } from "../run/projection-run.ts";
import type { AskedFields } from "./asked-fields.ts";
import { type CollectedField, collectFields } from "./collect-fields.ts";
import { compileIntrospection } from "./introspection.ts";
import { leafCheck } from "./leaf-values.ts";
import type { Conditions, Operation } from "./operation.ts";
import { refusalReason } from "./refused-fields.ts";
import { typeApplies } from "./types.ts";

/** Makes a part of the response of merged data: in the operation's order, and with nulls where the schema wants them. */
export type Project = (value: Json, run: ProjectionRun) => Projected;
/** Null where there is no such object: nobody has been told of it. */
type ProjectObject = (input: JsonObject, run: ProjectionRun) => JsonObject | typeof FAILED | null;
/** False where the field makes its object null, and null where the object turns out not to exist. */
type ProjectField = (input: JsonObject, output: JsonObject, run: ProjectionRun) => boolean | null;

const NOTHING: AskedFields = { byName: new Map() };

interface Compiling {
  readonly operation: Operation;
  readonly conditions: Conditions;
  /** What is asked of subgraphs at this place. */
  readonly asked: AskedFields;
}

/**
 * Compiles the projection of a whole response, from its root.
 *
 * @param all with what the plan asks of subgraphs at the root
 */
export function compileProjection(all: Compiling): ProjectObject {
  const { schema, operation } = all.operation;
  const root = schema.getRootType(operation.operation);
  if (root == null) throw new Error(`No type for operations of kind ${operation.operation}.`);
  return compileObject([operation.selectionSet], root.name, all);
}

/** The fields of one object type. */
function compileObject(
  selectionSets: readonly SelectionSetNode[],
  typename: string,
  all: Compiling,
): ProjectObject {
  const fields = collectFields(selectionSets, { ...all, typename }).map((field) =>
    compileField(field, typename, all),
  );
  return (input, run) => {
    const output: JsonObject = {};
    for (const field of fields) {
      const isDone = field(input, output, run);
      if (isDone !== true) return isDone === null ? null : FAILED;
    }
    return output;
  };
}

function compileField(field: CollectedField, typename: string, all: Compiling): ProjectField {
  const { nodes, parentType } = field;
  const outputName = all.operation.responseNames.get(field.responseName) ?? field.responseName;
  const [node] = nodes;
  const name = node?.name.value ?? "";
  if (name === "__typename") return compileTypename(field.responseName, typename, all);
  const refusal = node === undefined ? undefined : refusalReason(node);
  const type = all.operation.schema.getType(parentType);
  const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
  if (refusal !== undefined) {
    const isBroken = isNonNullType(definition?.type);
    return (_input, output, run) => {
      run.enter(outputName);
      run.refuse(refusal);
      run.leave();
      if (!isBroken) setField(output, outputName, null);
      return !isBroken;
    };
  }
  if (name === "__schema" || name === "__type") {
    const introspect = compileIntrospection(all.operation, nodes);
    return (_input, output, run) => {
      setField(output, outputName, introspect(run.variables));
      return true;
    };
  }
  if (definition === undefined) throw new Error(`No field ${parentType}.${name} in the schema.`);
  const asked = all.asked.byName.get(field.responseName);
  const project = compileValue(definition.type, field, { ...all, asked: asked ?? NOTHING });
  const read = fieldReader(field.responseName);
  const set = fieldSetter(outputName);
  const isBroken = isNonNullType(definition.type);
  return (input, output, run) => {
    run.enter(outputName);
    const told = read(input);
    let value: Projected;
    if (told === null && asked === undefined) {
      run.unresolvable(parentType, name);
      value = isBroken ? BROKEN : null;
    } else value = project(told, run);
    run.leave();
    if (value === BROKEN) return false;
    set(output, value === FAILED ? null : value);
    return true;
  };
}

/**
 * Subgraphs may call root types as they like, and know an interface object by the interface's name: only the name of
 * an object type of the schema may be told.
 */
function compileTypename(responseName: string, typename: string, { operation }: Compiling): ProjectField {
  const { schema } = operation;
  const outputName = operation.responseNames.get(responseName) ?? responseName;
  return (input, output, run) => {
    const told = ownField(input, responseName) ?? input.__typename;
    const type = (typeof told === "string" ? schema.getType(told) : undefined) ?? schema.getType(typename);
    if (!isObjectType(type)) {
      // An entity that its subgraph does not know is null; where it may be, that is all there is to say.
      if (run.isMissing(input)) return null;
      run.typeViolation(typename);
      return false;
    }
    setField(output, outputName, type.name);
    return true;
  };
}

function compileValue(type: GraphQLOutputType, field: CollectedField, all: Compiling): Project {
  if (isNonNullType(type)) {
    const project = compileValue(type.ofType, field, all);
    const inner = String(type.ofType);
    return (value, run) => {
      const projected = project(value, run);
      if (projected === null)
        run.nullViolation(value === null ? "null" : "entity", run.describe(field.parentType, inner));
      return projected === null || projected === FAILED ? BROKEN : projected;
    };
  }
  if (isListType(type)) return compileList(type.ofType, field, all);
  if (isLeafType(type)) {
    const isValid = leafCheck(type);
    return (value, run) => {
      if (value === null || isValid(value)) return value;
      run.valueViolation("Invalid value", run.describe(field.parentType, String(type)));
      return FAILED;
    };
  }
  return compileComposite(type as GraphQLObjectType, field, all);
}

function compileList(itemType: GraphQLOutputType, field: CollectedField, all: Compiling): Project {
  const project = compileValue(itemType, field, all);
  return (value, run) => {
    if (value === null) return null;
    if (!Array.isArray(value)) {
      run.valueViolation("Invalid non-list value", run.describe(field.parentType, `[${String(itemType)}]`));
      return FAILED;
    }
    let broken = false;
    const items = value.map((item, index) => {
      run.enter(index);
      const projected = project(item, run);
      run.leave();
      // The others are looked at as well, for their errors.
      broken ||= projected === BROKEN;
      return projected === FAILED || projected === BROKEN ? null : projected;
    });
    return broken ? FAILED : items;
  };
}

function compileComposite(type: GraphQLObjectType, field: CollectedField, all: Compiling): Project {
  const { schema } = all.operation;
  const selectionSets = field.nodes.flatMap((node) => node.selectionSet ?? []);
  // Of an interface with many implementations, few turn up.
  const byType = new Map<string, ProjectObject>();
  const declared = getNamedType(type).name;
  return (value, run) => {
    if (value === null) return null;
    if (!isJsonObject(value)) {
      run.valueViolation("Invalid non-object value", run.describe(field.parentType, declared));
      return FAILED;
    }
    const shared = run.known(value, byType);
    if (shared !== undefined) return shared;
    const typename = ownField(value, "__typename") ?? declared;
    let project = typeof typename === "string" ? byType.get(typename) : undefined;
    if (project === undefined) {
      // The name is not told: it may be one that clients may not see.
      if (typeof typename !== "string" || !typeApplies(schema, declared, typename)) {
        run.valueViolation("Invalid __typename", `object at ${run.describe(field.parentType, declared)}`);
        return FAILED;
      }
      project = compileObject(selectionSets, typename, all);
      byType.set(typename, project);
    }
    return run.remember(value, byType, project(value, run));
  };
}

import {
  type FieldNode,
  getArgumentValues,
  getDirectiveValues,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSkipDirective,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { NULL, type Tree, TreeLeaf, TreeList, TreeObject } from "./answer-tree.ts";
import { noteField, noteRequires } from "./features.ts";
import { hash } from "./random.ts";
import { inputsOf, resolveReference } from "./representations.ts";
import type {
  KnownOperation,
  OperationState,
  Path,
  Position,
  Source,
  SubgraphAnswer,
  SubgraphError,
  SubgraphParts,
} from "./subgraph-types.ts";
import { canonical } from "./world.ts";

/** A failed field, on its way to the next position that may be null; its error has been told. */
const FAILURE = new Error("A field failed.");

/** One run of an operation on a subgraph (GraphQL, section 6). */
export class SubgraphRun {
  readonly #parts: SubgraphParts;
  readonly #state: OperationState;
  readonly #operation: KnownOperation & { readonly variables: Readonly<Record<string, unknown>> };
  readonly #errors: SubgraphError[] = [];

  constructor(
    parts: SubgraphParts,
    state: OperationState,
    operation: KnownOperation & { readonly variables: Readonly<Record<string, unknown>> },
  ) {
    this.#parts = parts;
    this.#state = state;
    this.#operation = operation;
  }

  run(): SubgraphAnswer {
    const { operation, selectionSet } = { ...this.#operation.operation };
    const type = this.#parts.schema.getRootType(operation) as GraphQLObjectType;
    try {
      const data = this.#object(type, { type: type.name, id: "" }, { sets: [selectionSet], path: [] });
      return { data, errors: this.#errors };
    } catch (error) {
      if (error !== FAILURE) throw error;
      return { data: NULL, errors: this.#errors };
    }
  }

  #object(
    type: GraphQLObjectType,
    source: Source,
    { sets, path }: { readonly sets: readonly SelectionSetNode[]; readonly path: Path },
  ): TreeObject {
    const collected = new Map<string, FieldNode[]>();
    for (const set of sets) this.#collect(set, type, collected);
    const object = new TreeObject();
    for (const [name, nodes] of collected) {
      const value = this.#field(type, source, { nodes, path: [...path, name] });
      if (value !== undefined) object.fields.push([name, value]);
    }
    return object;
  }

  #collect(set: SelectionSetNode, type: GraphQLObjectType, into: Map<string, FieldNode[]>): void {
    const { fragments, variables } = this.#operation;
    for (const selection of set.selections) {
      const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
      const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
      if (skip?.if === true || include?.if === false) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const nodes = into.get(name);
        if (nodes === undefined) into.set(name, [selection]);
        else nodes.push(selection);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const condition = fragment?.typeCondition?.name.value;
      if (fragment !== undefined && (condition === undefined || this.#applies(condition, type)))
        this.#collect(fragment.selectionSet, type, into);
    }
  }

  #applies(condition: string, type: GraphQLObjectType): boolean {
    const { schema } = this.#parts;
    const conditionType = schema.getType(condition);
    return conditionType === type || (isAbstractType(conditionType) && schema.isSubType(conditionType, type));
  }

  #field(
    type: GraphQLObjectType,
    source: Source,
    { nodes, path }: { readonly nodes: readonly FieldNode[]; readonly path: Path },
  ): Tree | undefined {
    const { world, name: subgraph } = this.#parts;
    const node = nodes[0] as FieldNode;
    const name = node.name.value;
    const owner = world.familyOf(source.type);
    if (name === "__typename") {
      const about = `${subgraph} ${owner} ${source.id} __typename`;
      return this.#state.faults.spoil(new TreeLeaf(type.name), about);
    }
    const definition = type.getFields()[name];
    if (definition === undefined)
      throw new Error(`No field ${type.name}.${name}, though the operation is valid.`);
    const args = this.#args(definition, node);
    const text = args instanceof GraphQLError ? "" : canonical(args);
    if (name === "_entities") {
      const { representations } = args as { readonly representations: Record<string, unknown>[] };
      return new TreeList(
        representations.map((representation, index) =>
          this.#entity(representation, { nodes, path: [...path, index] }),
        ),
      );
    }
    const coordinate = `${type.name}.${name}`;
    const position: Position = {
      type: definition.type,
      nodes,
      path,
      about: `${subgraph} ${owner} ${source.id} ${name} ${text}`,
      coordinate,
      isProvided: this.#directives(coordinate).has("provides"),
    };
    return this.#place(position, () =>
      args instanceof GraphQLError
        ? this.#fail(args.message, path, undefined)
        : this.#resolve(source, { name, args, position }),
    );
  }

  /** A variable that may be null can stand where null may not be (GraphQL, section 6.4.1). */
  #args(definition: GraphQLField<unknown, unknown>, node: FieldNode): Record<string, unknown> | GraphQLError {
    try {
      return getArgumentValues(definition, node, this.#operation.variables);
    } catch (error) {
      if (error instanceof GraphQLError) return error;
      throw error;
    }
  }

  #directives(coordinate: string): ReadonlySet<string> {
    return this.#parts.keys.directives.get(coordinate) ?? new Set();
  }

  #entity(
    representation: Readonly<Record<string, unknown>>,
    { nodes, path }: { readonly nodes: readonly FieldNode[]; readonly path: Path },
  ): Tree {
    const { name: subgraph, world, schema } = this.#parts;
    this.#state.features.add("entities");
    const source = resolveReference(representation, this.#parts, this.#state);
    if (source === null) return NULL;
    try {
      if (typeof source === "string") this.#fail(source, path, undefined);
      // What another subgraph knows as several types may be one here.
      const asked = schema.getType(String(representation.__typename));
      const type = schema.getType(source.type) ?? asked ?? schema.getType(world.familyOf(source.type));
      const sets = nodes.flatMap((node) => node.selectionSet ?? []);
      const entity = this.#object(type as GraphQLObjectType, source, { sets, path });
      const about = `${subgraph} ${world.familyOf(source.type)} ${source.id}`;
      const spoilt = this.#state.faults.spoilEntity(entity, about);
      if (spoilt !== entity)
        this.#state.features.add(isAbstractType(asked) ? "spoilt entity of an interface" : "spoilt entity");
      return this.#state.faults.spoil(spoilt, about) ?? NULL;
    } catch (error) {
      if (error !== FAILURE) throw error;
      return NULL;
    }
  }

  #resolve(
    source: Source,
    {
      name,
      args,
      position,
    }: { readonly name: string; readonly args: Record<string, unknown>; readonly position: Position },
  ): unknown {
    const { world, name: subgraph } = this.#parts;
    const { coordinate, about, path } = position;
    const { log, faults } = this.#state;
    noteField(source, coordinate, { parts: this.#parts, state: this.#state });
    if (source.type === "Mutation") log.push(`${name}(${canonical(args)})`);
    const inputs = inputsOf(source, coordinate, this.#parts);
    if (typeof inputs === "string") {
      this.#state.complaints.push({ subgraph, what: inputs });
      return this.#fail(inputs, path, undefined);
    }
    if (inputs !== undefined) noteRequires(source, coordinate, { parts: this.#parts, state: this.#state });
    const failing = inputs === undefined ? about : `${about} ${canonical(inputs)}`;
    if (faults.fails(failing)) {
      const code = hash(failing) % 2 === 0 ? { code: "BROKEN", detail: 1 } : undefined;
      return this.#fail(
        `Broken: ${subgraph} ${world.familyOf(source.type)} ${source.id} ${name}`,
        path,
        code,
      );
    }
    return world.value(source, name, {
      args,
      ...(inputs === undefined ? {} : { inputs }),
      before: log.join(" "),
    });
  }

  /** Completes a value where null may be allowed, or not; and then lets it be spoiled. */
  #place(position: Position, resolve: () => unknown): Tree | undefined {
    const value = this.#completed(position, resolve);
    return this.#state.faults.spoil(value, position.about);
  }

  #completed(position: Position, resolve: () => unknown): Tree {
    const { type } = position;
    if (isNonNullType(type)) {
      const value = this.#complete({ ...position, type: type.ofType as GraphQLOutputType }, resolve());
      if (value === NULL)
        this.#fail(`Cannot return null for ${position.coordinate}.`, position.path, undefined);
      return value;
    }
    try {
      return this.#complete(position, resolve());
    } catch (error) {
      if (error !== FAILURE) throw error;
      return NULL;
    }
  }

  #complete(position: Position, value: unknown): Tree {
    const { type, path, about, nodes } = position;
    if (value === null || value === undefined) return NULL;
    const { features } = this.#state;
    if (isListType(type)) {
      if (isListType(type.ofType) || (isNonNullType(type.ofType) && isListType(type.ofType.ofType)))
        features.add("list of lists");
      const items = (value as unknown[]).map(
        (item, index) =>
          this.#place(
            { ...position, type: type.ofType, path: [...path, index], about: `${about}/${index}` },
            () => item,
          ) ?? NULL,
      );
      return new TreeList(items);
    }
    if (isLeafType(type)) {
      if (isEnumType(type)) features.add("enum");
      else if (type.name === "Any" || type.name === "Stamp") features.add("custom scalar");
      return new TreeLeaf(value);
    }
    const source = { ...(value as Source), ...(position.isProvided ? { isProvided: true } : {}) };
    const runtime = this.#runtimeType(type as GraphQLCompositeType, source);
    const sets = nodes.flatMap((node) => node.selectionSet ?? []);
    return this.#object(runtime, source, { sets, path });
  }

  #runtimeType(type: GraphQLCompositeType, source: Source): GraphQLObjectType {
    const { schema, world } = this.#parts;
    if (isObjectType(type)) {
      if (this.#parts.keys.interfaceObjects.has(type.name)) this.#state.features.add("@interfaceObject");
      return type;
    }
    this.#state.features.add(isUnionType(type) ? "union" : "interface");
    // What another subgraph knows as two types may be one here.
    const runtime = schema.getType(source.type) ?? schema.getType(world.familyOf(source.type));
    if (!isObjectType(runtime)) throw new Error(`No object type ${source.type} in ${this.#parts.name}.`);
    return runtime;
  }

  #fail(message: string, path: Path, extensions: Readonly<Record<string, unknown>> | undefined): never {
    this.#errors.push({ message, path, ...(extensions === undefined ? {} : { extensions }) });
    throw FAILURE;
  }
}

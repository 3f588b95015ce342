import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type InterfaceTypeDefinitionNode,
  isInterfaceType,
  isObjectType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  stripIgnoredCharacters,
  visit,
} from "graphql";
import { directiveArgument, directivesOf } from "../compile/join-directives.ts";
import { argumentsOf, type Requirements } from "../compile/requirements.ts";

/** A field with arguments that stand in for a field without: what a subgraph is asked for in its place. */
export type AliasedField = Pick<FieldNode, "name" | "arguments">;

/** A supergraph in which each required field is a field of its own, and what these are. */
export interface SeparatedSupergraph {
  readonly sdl: string;
  /** By the name of a field that only the planner sees. */
  readonly fields: ReadonlyMap<string, AliasedField>;
}

type TypeNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/**
 * Gives a field that `@requires` names with several arguments a name for each of them, in the supergraph that the planner
 * gets.
 *
 * The planner asks for required fields under their own names: with `@requires(fields: "price(cur: \"EUR\")")` of one field
 * and `@requires(fields: "price(cur: \"USD\")")` of another, one price is there for both. With
 * `price__EUR @join__field(graph: A)` beside `price`, there are two fields, and nothing to be confused. What is asked of
 * subgraphs in their place is for `withAliasedFields` to write.
 *
 * @returns null where no field is required with several arguments
 */
export function separateRequiredFields(
  supergraphSdl: string,
  { required }: Pick<Requirements, "required">,
): SeparatedSupergraph | null {
  const several = new Set([...required].flatMap(([name, variants]) => (variants.size > 1 ? [name] : [])));
  if (several.size === 0) return null;
  const document = parse(supergraphSdl, { noLocation: true });
  const separation = new Separation(document, several);
  const separated = separation.separate(document);
  return separation.fields.size === 0 ? null : { sdl: print(separated), fields: separation.fields };
}

class Separation {
  readonly fields = new Map<string, AliasedField>();
  readonly #several: ReadonlySet<string>;
  readonly #schema: GraphQLSchema;
  readonly #taken: ReadonlySet<string>;
  /** Names of new fields, by what they stand for. */
  readonly #names = new Map<string, string>();
  /** Names of new fields, by the type and the name of the field that they stand for. */
  readonly #added = new Map<string, Set<string>>();

  constructor(document: DocumentNode, several: ReadonlySet<string>) {
    this.#several = several;
    this.#schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
    this.#taken = new Set(Object.values(this.#schema.getTypeMap()).flatMap(fieldNames));
  }

  separate(document: DocumentNode): DocumentNode {
    const rewritten = visit(document, {
      ObjectTypeDefinition: (type) => this.#rewriteType(type),
      InterfaceTypeDefinition: (type) => this.#rewriteType(type),
    });
    // A field that is required may require others itself, which have new names by now.
    return visit(rewritten, {
      ObjectTypeDefinition: (type) => this.#addFields(type),
      InterfaceTypeDefinition: (type) => this.#addFields(type),
    });
  }

  #rewriteType<Type extends TypeNode>(type: Type): Type {
    const fields = type.fields?.map((field) => {
      if (directivesOf(field, "join__field").length === 0) return field;
      const directives = field.directives?.map((each) => this.#rewriteDirective(each, type.name.value));
      return { ...field, ...(directives === undefined ? {} : { directives }) };
    });
    return { ...type, ...(fields === undefined ? {} : { fields }) };
  }

  #rewriteDirective(directive: ConstDirectiveNode, type: string): ConstDirectiveNode {
    const needs = directiveArgument(directive, "requires");
    if (directive.name.value !== "join__field" || needs === undefined) return directive;
    const text = this.#rewriteFieldSet(needs, type);
    const value = { kind: Kind.STRING, value: text } as const;
    const given = directive.arguments?.map((each) =>
      each.name.value === "requires" ? { ...each, value } : each,
    );
    return { ...directive, ...(given === undefined ? {} : { arguments: given }) };
  }

  #rewriteFieldSet(fieldSet: string, type: string): string {
    const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) return fieldSet;
    const selectionSet = this.#rewriteSelections(definition.selectionSet, this.#schema.getType(type));
    return stripIgnoredCharacters(print(selectionSet)).slice(1, -1);
  }

  #rewriteSelections(selectionSet: SelectionSetNode, type: GraphQLNamedType | undefined): SelectionSetNode {
    const selections = selectionSet.selections.map((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        const within = condition === undefined ? type : this.#schema.getType(condition);
        return { ...selection, selectionSet: this.#rewriteSelections(selection.selectionSet, within) };
      }
      const definition =
        isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : null;
      if (definition == null || type === undefined) return selection;
      const inner = selection.selectionSet;
      const field =
        inner === undefined
          ? selection
          : { ...selection, selectionSet: this.#rewriteSelections(inner, getNamedType(definition.type)) };
      const { arguments: given = [], ...plain } = field;
      if (given.length === 0 || !this.#several.has(field.name.value)) return field;
      return { ...plain, name: { kind: Kind.NAME, value: this.#nameOf(field, type) } } as const;
    });
    return { ...selectionSet, selections };
  }

  /** The name of the field that stands for one with arguments; sees to it that the types with the field get it. */
  #nameOf(field: FieldNode, type: GraphQLNamedType): string {
    const original = field.name.value;
    const key = `${original}(${argumentsOf(field)})`;
    let name = this.#names.get(key);
    if (name === undefined) {
      let number = this.#names.size;
      do name = `${original}__required_${number++}`;
      while (this.#taken.has(name) || this.fields.has(name));
      this.#names.set(key, name);
      this.fields.set(name, { name: field.name, ...(field.arguments ? { arguments: field.arguments } : {}) });
    }
    const implementations = isInterfaceType(type) ? this.#schema.getImplementations(type) : null;
    const types = [type, ...(implementations?.objects ?? []), ...(implementations?.interfaces ?? [])];
    for (const each of types) {
      const coordinate = `${each.name}.${original}`;
      const names = this.#added.get(coordinate);
      if (names === undefined) this.#added.set(coordinate, new Set([name]));
      else names.add(name);
    }
    return name;
  }

  #addFields<Type extends TypeNode>(type: Type): Type {
    const fields = type.fields?.flatMap((field): FieldDefinitionNode[] => {
      const names = this.#added.get(`${type.name.value}.${field.name.value}`) ?? [];
      const { arguments: _, ...plain } = field;
      return [field, ...[...names].map((value) => ({ ...plain, name: { kind: Kind.NAME, value } }) as const)];
    });
    return { ...type, ...(fields === undefined ? {} : { fields }) };
  }
}

function fieldNames(type: GraphQLNamedType): string[] {
  return isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()) : [];
}

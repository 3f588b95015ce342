import {
  getNamedType,
  getNullableType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from "graphql";
import { endOf, isText, nodeOf, objectsOf, startOf, writtenFrom, writtenTo } from "./node-fields.ts";
import type { Place, Places, Source } from "./place.ts";
import { type SelectedField, type Selecting, selectedFields } from "./selected-fields.ts";
import { Unsupported } from "./unsupported.ts";
import type { WriterCode } from "./writer-code.ts";

/**
 * The objects of a place, as a client selects them: the fields by the object's type. A place has several of them where
 * what is selected depends on the objects around it.
 */
export interface OutputPlace {
  /** Different from that of every other one. */
  readonly id: number;
  readonly place: Place;
  readonly byType: ReadonlyMap<string, readonly OutputField[]>;
}

interface OutputField extends SelectedField {
  readonly sources: readonly Source[];
  /** For objects. */
  readonly inside: OutputPlace | null;
}

/** What output code is made with. */
export interface OutputSource extends Selecting {
  readonly places: Places;
}

/**
 * Finds out where all that a client selects comes from.
 *
 * @throws Unsupported
 */
export function readOutput(source: OutputSource): OutputPlace {
  const { operation } = source.operation;
  const root = source.operation.schema.getRootType(operation.operation);
  if (root == null) throw new Unsupported("no root type");
  const known = new Map<string, OutputPlace>();
  const reading = { ...source, types: [root.name], known, read: new Map(), numbers: new Map() };
  return readPlace(source.places.root, [operation.selectionSet], reading);
}

interface ReadingPlace extends OutputSource {
  readonly types: readonly string[];
  /** By all that is selected of a place. */
  readonly known: Map<string, OutputPlace>;
  /** By place and selection sets: what types have in common is read once, not once for each of the types around it. */
  readonly read: Map<string, OutputPlace>;
  /** The number of each selection set, which keys of `read` are made with. */
  readonly numbers: Map<SelectionSetNode, number>;
}

function readPlace(
  place: Place,
  selectionSets: readonly SelectionSetNode[],
  source: ReadingPlace,
): OutputPlace {
  const { operation, places, known, read, numbers } = source;
  const numberOf = (set: SelectionSetNode) => {
    let number = numbers.get(set);
    if (number === undefined) numbers.set(set, (number = numbers.size));
    return number;
  };
  const asked = `${place.id} ${selectionSets.map(numberOf).join(" ")}`;
  const before = read.get(asked);
  if (before !== undefined) return before;
  const byType = new Map<string, readonly OutputField[]>();
  for (const typename of source.types) {
    // Types that clients do not see are no types of objects that they get.
    if (!isObjectType(operation.schema.getType(typename))) continue;
    const fields = selectedFields(selectionSets, typename, source).map((field): OutputField => {
      if (field.type === null) return { ...field, sources: [], inside: null };
      if (isLeafType(getNamedType(field.type)))
        return { ...field, sources: leafSources(places, place, field.key), inside: null };
      const inner = places.inside(place, field.key);
      const types = inner.shape.types;
      if (types.length > 1 && !inner.shape.tellsType) throw new Unsupported("objects of unknown type");
      const inside = readPlace(inner, field.selectionSets, { ...source, types });
      return { ...field, sources: [places.objectSource(place, field.key)], inside };
    });
    byType.set(typename, fields);
  }
  const key = `${place.id} ${textOf(byType)}`;
  let output = known.get(key);
  if (output === undefined) {
    known.set(key, (output = { id: known.size, place, byType }));
    place.shape.outputs.add(output.id);
  }
  read.set(asked, output);
  return output;
}

/** Differs where what is selected does. */
function textOf(byType: OutputPlace["byType"]): string {
  const texts = [...byType].map(([typename, fields]) => [
    typename,
    ...fields.map(({ outputName, key, type, inside }) => [outputName, key, String(type), inside?.id]),
  ]);
  return JSON.stringify(texts);
}

function leafSources(places: Places, place: Place, key: string): readonly Source[] {
  const sources = places.sources(place, key);
  if (sources.some(({ field }) => field.kind === "object")) throw new Unsupported("objects for a leaf");
  // The response name of a `__typename` may be a field's in another place of the plan.
  if (sources.some(({ field }) => field.kind === "typename")) throw new Unsupported("a type for a leaf");
  return sources;
}

/**
 * Whether the text of a place's objects in the answer is their text in the response, so that it can be copied: the
 * same fields in the same order, and nothing that fetches have brought.
 */
export function isCopied({ place, byType }: OutputPlace): boolean {
  const { shape } = place;
  const [fields, ...others] = byType.values();
  if (fields === undefined || others.length > 0 || shape.types.length > 1) return false;
  if (shape.attachments.size > 0 || fields.length !== shape.fields.length || fields.length === 0)
    return false;
  return fields.every((field, index) => {
    const own = shape.fields[index];
    if (own === undefined || own.key !== field.key || field.outputName !== field.key) return false;
    if (field.type === null) return own.kind === "typename";
    if (field.sources.length !== 1 || field.sources[0]?.attached !== null) return false;
    return field.inside === null ? own.kind === "leaf" : isCopied(field.inside);
  });
}

/** All places of an output, each once. */
export function* outputPlaces(output: OutputPlace): Generator<OutputPlace> {
  yield output;
  const inner = new Map<number, OutputPlace[]>();
  for (const fields of output.byType.values()) {
    for (const { inside } of fields) {
      if (inside !== null) inner.set(inside.place.id, [...(inner.get(inside.place.id) ?? []), inside]);
    }
  }
  for (const all of inner.values()) for (const each of all) yield* outputPlaces(each);
}

/** Code that writes responses. */
export class OutputCode {
  readonly #writer: WriterCode;
  /** One name serves all that select the same of a place. */
  readonly #names = new Map<OutputPlace, string>();

  constructor(writer: WriterCode) {
    this.#writer = writer;
  }

  /** Makes the function that writes the objects of a place, and gives its name. */
  place(output: OutputPlace): string {
    const known = this.#names.get(output);
    if (known !== undefined) return known;
    const name = this.#writer.name("put");
    this.#names.set(output, name);
    const { place, byType } = output;
    const [from, to] = [`n.${writtenFrom(output.id)}`, `n.${writtenTo(output.id)}`];
    const cases = place.shape.types.flatMap((typename, number) => {
      const fields = byType.get(typename);
      return fields === undefined ? [] : [`case ${number}:${this.#fields(typename, fields)}break;`];
    });
    this.#writer.functions.push(`function ${name}(n){
if(${from}>=0){again(${from},${to});return}
const from=P,b=n.b;
switch(n.t){${cases.join("\n")}default:throw rt.UNREADABLE}
${from}=from;${to}=P}`);
    return name;
  }

  #fields(typename: string, fields: readonly OutputField[]): string {
    if (fields.length === 0) return this.#writer.literal("{}");
    const parts: string[] = [];
    for (let index = 0; index < fields.length;) {
      const separator = index === 0 ? "{" : ",";
      const run = runFrom(fields, index);
      if (run.length > 1) {
        parts.push(this.#run(run, separator));
        index += run.length;
      } else {
        parts.push(this.#field(typename, fields[index] as OutputField, separator));
        index++;
      }
    }
    return parts.join("\n") + this.#writer.literal("}");
  }

  /** Fields that are beside each other in the answer too: copied in one go, where none is missing. */
  #run(run: readonly OutputField[], separator: string): string {
    const [first, last] = [run[0], run.at(-1)] as [OutputField, OutputField];
    const source = first.sources[0] as Source;
    const node = nodeOf(source, "n");
    const from = `${node}.${startOf(fieldOf(first))}`;
    const to = `${node}.${endOf(fieldOf(last))}`;
    const each = run.map((field, index) => this.#field("", field, index === 0 ? separator : ","));
    const isThere = source.attached === null ? "" : `${node}!=null&&`;
    return `if(${isThere}${node}.full&&${from}>=0&&${node}.${startOf(fieldOf(last))}>=0){${this.#writer.literal(`${separator}"${first.outputName}":`)}copy(${node}.b,${from},${to});}else{${each.join("")}}`;
  }

  #field(typename: string, field: OutputField, separator: string): string {
    const name = this.#writer.literal(`${separator}"${field.outputName}":`);
    if (field.type === null) return this.#writer.literal(`${separator}"${field.outputName}":"${typename}"`);
    const [source] = field.sources;
    if (field.inside !== null && source !== undefined && !isText(source.field))
      return name + this.#objects(field, source, field.inside);
    return name + this.#text(field);
  }

  /** Writes what the last of the sources has that has anything. */
  #text({ sources, type }: OutputField): string {
    const missing = isNonNullType(type) ? "throw rt.MISSING;" : this.#writer.literal("null");
    let code = `{${missing}}`;
    for (const source of sources) {
      const node = nodeOf(source, "n");
      const start = startOf(source.field);
      const present = `if(${source.attached === null ? "" : `${node}!=null&&`}${node}.${start}!==-1){if(${node}.${start}===-2){${missing}}else copy(${node}.b,${node}.${start},${node}.${endOf(source.field)});}`;
      code = `${present}else ${code}`;
    }
    return code;
  }

  #objects({ type }: OutputField, source: Source, inside: OutputPlace): string {
    const node = nodeOf(source, "n");
    const value = `${node}${source.attached === null ? "" : "?"}.${objectsOf(source.field)}`;
    return `{const v=${value};${this.#value(type as GraphQLOutputType, "v", this.place(inside))}}`;
  }

  #value(type: GraphQLOutputType, value: string, put: string): string {
    const missing = isNonNullType(type) ? "throw rt.MISSING;" : this.#writer.literal("null");
    const inner = getNullableType(type);
    if (!isListType(inner))
      return `if(${value}==null){${missing}}else if(Array.isArray(${value}))throw rt.UNREADABLE;else ${put}(${value});`;
    const item = `i${value}`;
    return `if(${value}==null){${missing}}else if(!Array.isArray(${value}))throw rt.UNREADABLE;else{${this.#writer.literal("[")}for(let k=0;k<${value}.length;k++){const ${item}=${value}[k];if(k>0){${this.#writer.literal(",")}}${this.#value(inner.ofType, item, put)}}${this.#writer.literal("]")}}`;
  }
}

function fieldOf(field: OutputField) {
  const [source] = field.sources;
  if (source === undefined) throw new Error("A field of a run has one source.");
  return source.field;
}

/** The fields from an index on that are beside each other in one answer. */
function runFrom(fields: readonly OutputField[], index: number): readonly OutputField[] {
  const run: OutputField[] = [];
  for (const field of fields.slice(index)) {
    const [source, ...others] = field.sources;
    if (source === undefined || others.length > 0 || !isText(source.field)) break;
    if (field.outputName !== source.field.key) break;
    const before = run.at(-1);
    if (before !== undefined && before.sources[0]?.attached !== source.attached) break;
    if (before !== undefined && fieldOf(before).index + 1 !== source.field.index) break;
    run.push(field);
  }
  return run;
}

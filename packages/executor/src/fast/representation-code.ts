import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import type { GraphQLSchema } from "graphql";
import { typeApplies } from "../compile/types.ts";
import { endOf, nodeOf, objectsOf, startOf } from "./node-fields.ts";
import type { Place, Places } from "./place.ts";
import { Unsupported } from "./unsupported.ts";
import type { WriterCode } from "./writer-code.ts";

type Selections = readonly QueryPlanSelectionNode[];

/** What code that writes representations is made with. */
export interface RepresentationSource {
  readonly schema: GraphQLSchema;
  readonly places: Places;
  readonly writer: WriterCode;
}

/**
 * Makes the function that writes the representation of an entity, and gives its name. The function tells whether the
 * entity can be sent: it cannot where it is of another type, or lacks a field.
 *
 * @throws Unsupported
 */
export function representationCode(node: FetchNode, place: Place, source: RepresentationSource): string {
  return objectCode(place, node.requires ?? [], { ...source, isEntity: true });
}

interface Making extends RepresentationSource {
  /** Whether what lacks a field is left out; objects in an entity are not. */
  readonly isEntity: boolean;
}

function objectCode(place: Place, selections: Selections, making: Making): string {
  const { writer, isEntity } = making;
  const { shape } = place;
  const name = writer.name("rep");
  const unknown = isEntity ? "return false;" : "throw rt.UNREADABLE;";
  if (shape.types.length > 1 && !shape.tellsType) throw new Unsupported("entities of unknown type");
  const cases = shape.types.map((typename, number) => {
    const flat: Flattening = { fields: new Map(), fragments: 0, schema: making.schema };
    flatten(selections, typename, flat);
    const { fields } = flat;
    // Of several fragments, those that lack nothing are sent.
    const missing = isEntity && flat.fragments === 1 ? "return false;" : "throw rt.MISSING;";
    // No service takes an entity without its type.
    if (isEntity && !fields.has("__typename")) return `case ${number}:return false;`;
    const parts = [...fields].map(([key, { name: sent, inner }], index) =>
      fieldCode(place, { key, sent, inner, typename, missing, separator: index === 0 ? "{" : "," }, making),
    );
    if (parts.length === 0) parts.push(writer.literal("{"));
    return `case ${number}:${parts.join("\n")}${writer.literal("}")}return true;`;
  });
  writer.functions.push(`function ${name}(n){switch(n.t){${cases.join("\n")}default:${unknown}}}`);
  return name;
}

interface Flattening {
  /** By the name in the merged data: the name in the representation, and what is selected. */
  readonly fields: Map<string, { readonly name: string; readonly inner: Selections | undefined }>;
  /** How many fragments apply to the type. */
  fragments: number;
  readonly schema: GraphQLSchema;
}

function flatten(selections: Selections, typename: string, into: Flattening): void {
  for (const selection of selections) {
    if (selection.kind === "InlineFragment") {
      const { typeCondition } = selection;
      if (typeCondition === undefined || !typeApplies(into.schema, typeCondition, typename)) continue;
      into.fragments++;
      flatten(selection.selections, typename, into);
      continue;
    }
    const key = selection.alias ?? selection.name;
    const known = into.fields.has(key);
    if (known && selection.selections !== undefined) throw new Unsupported("objects required twice");
    if (!known) into.fields.set(key, { name: selection.name, inner: selection.selections });
  }
}

interface RequiredField {
  readonly key: string;
  readonly sent: string;
  readonly inner: Selections | undefined;
  readonly typename: string;
  readonly separator: string;
  /** What to do where it is not there. */
  readonly missing: string;
}

function fieldCode(place: Place, field: RequiredField, making: Making): string {
  const { key, sent, inner, typename, separator, missing } = field;
  const { places, writer } = making;
  const label = writer.literal(`${separator}"${sent}":`);
  if (key === "__typename") return writer.literal(`${separator}"__typename":"${typename}"`);
  if (inner !== undefined) {
    const source = places.objectSource(place, key);
    const innerPlace = places.inside(place, key);
    places.walked.add(innerPlace.shape);
    const put = objectCode(innerPlace, inner, { ...making, isEntity: false });
    const value = `${nodeOf(source, "n")}${source.attached === null ? "" : "?"}.${objectsOf(source.field)}`;
    return `{const v=${value};if(v===undefined)${missing}${label}${itemsCode("v", put, { writer, lists: source.field.nonNull.length - 1 })}}`;
  }
  let code = missing;
  for (const source of places.sources(place, key)) {
    if (source.field.kind !== "leaf") throw new Unsupported("objects required as a leaf");
    const node = nodeOf(source, "n");
    const start = `${node}.${startOf(source.field)}`;
    const isThere = source.attached === null ? "" : `${node}!=null&&`;
    code = `if(${isThere}${start}!==-1){${label}if(${start}===-2){${writer.literal("null")}}else copy(${node}.b,${start},${node}.${endOf(source.field)});}else{${code}}`;
  }
  return code;
}

function itemsCode(value: string, put: string, how: { writer: WriterCode; lists: number }): string {
  const { writer, lists } = how;
  const orNull = `if(${value}===null){${writer.literal("null")}}else `;
  if (lists === 0) return `${orNull}if(Array.isArray(${value}))throw rt.UNREADABLE;else ${put}(${value});`;
  const item = `i${value}`;
  const inner = itemsCode(item, put, { writer, lists: lists - 1 });
  return `${orNull}if(!Array.isArray(${value}))throw rt.UNREADABLE;else{${writer.literal("[")}for(let k=0;k<${value}.length;k++){const ${item}=${value}[k];if(k>0){${writer.literal(",")}}${inner}}${writer.literal("]")}}`;
}

import { type GraphQLSchema, isEnumType, type OperationTypeNode } from "graphql";
import type { ProgramSource } from "../compile/program-source.ts";
import { type FetchStep, fetchesOf, type Step } from "../compile/steps.ts";
import type { EntityTable } from "./entity-table.ts";
import { findData, readRest } from "./envelope.ts";
import { gatherCode } from "./gather-code.ts";
import { MISSING, NO_SUCCESS, UNREADABLE } from "./handover.ts";
import { Interning } from "./interning.ts";
import * as json from "./json-bytes.ts";
import { attachedOf } from "./node-fields.ts";
import { isCopied, OutputCode, outputPlaces, readOutput } from "./output-code.ts";
import { answerCode, shapeCode } from "./parser-code.ts";
import { type Place, Places } from "./place.ts";
import { readItems, readOneOf } from "./read-items.ts";
import { readShapes } from "./read-shapes.ts";
import { representationCode } from "./representation-code.ts";
import { responseMemory } from "../response-memory.ts";
import { Scratch } from "./scratch.ts";
import type { AnswerShape, Shape } from "./shape.ts";
import { Unsupported } from "./unsupported.ts";
import { WriterCode } from "./writer-code.ts";

/** An object of an answer: an instance of a generated class. */
export interface FastNode {
  /** The position of its type in the shape's types; -1 where it is not known. */
  readonly t: number;
  [member: string]: unknown;
}

/** One fetch of a program. */
export interface FastFetch {
  readonly number: number;
  readonly step: FetchStep;
  /** Where the answer belongs. */
  readonly place: Place;
  readonly answer: AnswerShape;
}

/** A program with generated code. */
export interface FastProgram {
  readonly fetches: ReadonlyMap<FetchStep, FastFetch>;
  readonly code: FastCode;
  /** Length of the generated text, in characters. */
  readonly length: number;
}

/** What the generated code offers. What it reads and writes is only good until it is called again. */
export interface FastCode {
  /** Reads an answer: an object, or a list of entities. */
  readonly answers: readonly ((bytes: Buffer) => FastNode | (FastNode | null)[])[];
  /** Makes the root of a response. */
  readonly root: () => FastNode;
  /** Finds the objects that a fetch is about, by the fetch's number. */
  readonly gather: readonly ((root: FastNode, stamp: number, found: FastNode[]) => void)[];
  /** Writes representations that the table does not have, and gives each object's number in it; -1 for none. */
  readonly represent: (fetch: number, nodes: readonly FastNode[], table: EntityTable) => readonly number[];
  /** Gives objects what was brought for them. */
  readonly attach: readonly ((
    nodes: readonly FastNode[],
    entities: readonly number[],
    brought: readonly (FastNode | null)[],
  ) => void)[];
  /** What `represent` has written: members of a list. */
  readonly written: (table: EntityTable | null) => string;
  /** The whole response, as bytes of JSON with a newline. */
  readonly respond: (root: FastNode) => Buffer;
}

/**
 * Generates the code of a program.
 *
 * @param step of the program, compiled
 * @throws Unsupported
 */
export function compileFast(source: ProgramSource, step: Step): FastProgram {
  const { supergraphSchema, conditions, operation } = source;
  let count = 0;
  const nextId = () => count++;
  const answers: AnswerShape[] = [];
  const byOperation = new Map<string, AnswerShape>();
  const rootShape = emptyShape(operation.schema, operation.operation.operation, nextId());
  const places = new Places(rootShape);
  const fetches = new Map<FetchStep, FastFetch>();

  for (const fetch of fetchesOf(step)) {
    const { node } = fetch;
    if ((node.inputRewrites ?? []).length > 0 || (node.outputRewrites ?? []).length > 0)
      throw new Unsupported("rewrites");
    if (fetch.representation === null && fetch.path.length > 0) throw new Unsupported("objects at a path");
    if ("contextRewrites" in node && node.contextRewrites !== undefined) throw new Unsupported("contexts");
    const key = fetch.reuseKey ?? `${fetches.size}`;
    let answer = byOperation.get(key);
    if (answer === undefined) {
      answer = readShapes(node, answers.length, { schema: supergraphSchema, conditions, nextId });
      answers.push(answer);
      byOperation.set(key, answer);
    }
    const place = places.at(fetch.path);
    const number = fetches.size;
    fetches.set(fetch, { number, step: fetch, place, answer });
    place.attached.push({ fetch: number, answer });
    place.shape.attachments.add(number);
  }

  const output = readOutput({ ...source, places });
  const writer = new WriterCode();
  const all = [...fetches.values()];
  const represent = all.map(({ step: { node }, place, answer }) =>
    answer.isOfEntities
      ? representationCode(node, place, { schema: supergraphSchema, places, writer })
      : "null",
  );
  const gather = all.map(({ step: { path }, number, answer }) =>
    answer.isOfEntities ? gatherCode(`gather${number}`, path, places) : "",
  );
  chooseCopied({ answers, places, output });
  const respond = new OutputCode(writer).place(output);
  const text = [
    '"use strict";let I=0,LF=false,LN=false;',
    WriterCode.prelude,
    `const ENUMS={${enumNames(answers)
      .map((name) => `${name}:enumTexts(${JSON.stringify(name)})`)
      .join(",")}};`,
    shapeCode(rootShape),
    ...answers.flatMap((answer) => [...answer.shapes.map(shapeCode), answerCode(answer)]),
    ...writer.functions,
    ...gather,
    `const R=[${represent.join(",")}],SKIP=[${all.map(({ answer }) => commonLength(answer)).join(",")}];`,
    CODE,
    `return{answers:[${answers.map(({ id }) => `answer${id}`).join(",")}],root:()=>new N${rootShape.id}(null),`,
    `gather:[${all.map(({ number, answer }) => (answer.isOfEntities ? `gather${number}` : "null")).join(",")}],`,
    `attach:[${all.map((fetch) => (fetch.answer.isOfEntities ? attachCode(fetch) : "null")).join(",")}],`,
    `represent,written,respond:(n)=>respond(${respond},n)}`,
  ].join("\n");
  // oxlint-disable-next-line no-implied-eval -- names in it are checked to be GraphQL's
  const make = new Function("rt", "L", "enumTexts", text) as (
    rt: object,
    literals: readonly Buffer[],
    enumTexts: (name: string) => readonly Buffer[],
  ) => FastCode;
  const code = make(RUNTIME, writer.literals, (name) => enumTexts(operation.schema, supergraphSchema, name));
  return { fetches, code, length: text.length };
}

const RUNTIME = {
  ...json,
  findData,
  readRest,
  readItems,
  readOneOf,
  Interning,
  MISSING,
  NO_SUCCESS,
  UNREADABLE,
  // All programs write into one buffer, one after the other: what was written is copied out before another writes.
  scratch: new Scratch(),
  memory: responseMemory,
};

/** What all programs have. */
const CODE = `
function represent(f,n,t){
const put=R[f],l=new Array(n.length);begin();t.reserve(n.length);
for(let i=0;i<n.length;i++){
const back=P;if(back>0){if(P+1>O.length)grow(1);O[P++]=44}
const from=P;
if(!put(n[i])){P=back;l[i]=-1;continue}
const known=t.find(O,from,P,SKIP[f]);
if(known>=0){P=back;l[i]=known}else l[i]=t.add(from,P)}
return l}
function written(t){if(t!==null)t.keep(O,P);return O.utf8Slice(0,P)}
function respond(put,root){
begin();O.write('{"data":',0,8,"latin1");P=8;put(root);
if(P+2>O.length)grow(2);O[P++]=125;O[P++]=10;
const all=rt.memory.take(P);O.copy(all,0,0,P);rt.scratch.shrink();return all}`;

/** Sees to it that what was brought for an object is of the object's type, where it tells. */
function attachCode({ number, place, answer }: FastFetch): string {
  const { types, tellsType } = answer.root;
  const typeOf = place.shape.types.map((each) => types.indexOf(each));
  const check = `if(e.t!==-1&&e.t!==[${typeOf.join(",")}][n.t])throw rt.UNREADABLE;`;
  return `(l,m,b)=>{for(let i=0;i<l.length;i++){const k=m[i];if(k<0)continue;
const e=b[k];if(e===null)continue;const n=l[i];${tellsType ? check : ""}n.${attachedOf(number)}=e}}`;
}

/** How many bytes the representations of entities begin with, mostly: their type. */
function commonLength({ root: { types } }: AnswerShape): number {
  return `{"__typename":"${types[0]}",`.length;
}

/** The root of the response holds what the fetches of root fields answer. */
function emptyShape(schema: GraphQLSchema, kind: OperationTypeNode, id: number): Shape {
  const type = schema.getRootType(kind);
  if (type == null) throw new Unsupported("no root type");
  return {
    id,
    fields: [],
    byKey: new Map(),
    types: [type.name],
    tellsType: false,
    isNode: true,
    attachments: new Set(),
    places: new Set(),
    outputs: new Set(),
  };
}

/** Objects that nobody looks into, and whose text is what clients get, stay text. */
function chooseCopied(about: {
  answers: readonly AnswerShape[];
  places: Places;
  output: ReturnType<typeof readOutput>;
}): void {
  const copied = new Map<Shape, Set<number>>();
  const written = new Set<Shape>();
  for (const each of outputPlaces(about.output)) {
    const { shape, id } = each.place;
    if (!isCopied(each)) written.add(shape);
    else if (copied.get(shape)?.add(id) === undefined) copied.set(shape, new Set([id]));
  }
  for (const { shapes, root } of about.answers) {
    for (const shape of shapes) {
      if (shape === root || written.has(shape) || about.places.walked.has(shape)) continue;
      shape.isNode = copied.get(shape)?.size !== shape.places.size;
    }
  }
}

function enumNames(answers: readonly AnswerShape[]): string[] {
  const leaves = answers.flatMap(({ shapes }) =>
    shapes.flatMap(({ fields }) => fields.map(({ leaf }) => leaf)),
  );
  return [...new Set(leaves.flatMap((leaf) => (leaf !== null && isEnumType(leaf) ? [leaf.name] : [])))];
}

/** As JSON, the values that clients may see; of an enum that they do not see, all. */
function enumTexts(schema: GraphQLSchema, supergraphSchema: GraphQLSchema, name: string): readonly Buffer[] {
  const type = schema.getType(name) ?? supergraphSchema.getType(name);
  return isEnumType(type) ? type.getValues().map((value) => Buffer.from(JSON.stringify(value.name))) : [];
}

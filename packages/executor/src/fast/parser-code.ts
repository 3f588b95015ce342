import { type GraphQLLeafType, isEnumType } from "graphql";
import { attachedOf, endOf, isText, objectsOf, startOf, writtenFrom, writtenTo } from "./node-fields.ts";
import type { AnswerShape, Shape, ShapeField } from "./shape.ts";

/**
 * The code that reads objects of a shape: a class of nodes, a reader for text as servers write it (no white space, the
 * fields in the order of the operation), and one for any other JSON; or, for a shape without nodes, a check.
 *
 * A reader takes the bytes and where the object begins, and leaves where it ends in `I`.
 */
export function shapeCode(shape: Shape): string {
  if (!shape.isNode) return checkCode(shape);
  return [nodeCode(shape), readCode(shape), readAnyCode(shape), listCode(shape)].join("\n");
}

function nodeCode(shape: Shape): string {
  const { id, fields, attachments, outputs } = shape;
  const members = fields.flatMap((field) => {
    if (isText(field)) return [`this.${startOf(field)}=-1;this.${endOf(field)}=0;`];
    return field.kind === "object" ? [`this.${objectsOf(field)}=undefined;`] : [];
  });
  const known = shape.types.length === 1 ? 0 : -1;
  return `class N${id}{constructor(b){this.b=b;this.t=${known};this.full=true;this.seen=0;${members.join("")}${[
    ...attachments,
  ]
    .map((fetch) => `this.${attachedOf(fetch)}=null;`)
    .join(
      "",
    )}${[...outputs].map((output) => `this.${writtenFrom(output)}=-1;this.${writtenTo(output)}=-1;`).join("")}}}`;
}

/** Compares bytes behind `at` with a text. */
function matches(text: string, offset: number): string {
  return [...Buffer.from(text)].map((byte, index) => `b[i+${index + offset}]===${byte}`).join("&&");
}

function readCode(shape: Shape): string {
  const steps = shape.fields.map((field) => {
    const key = `"${field.key}":`;
    const value = valueCode(shape, field, `return any${shape.id}(b,from)`);
    // A type that was asked for and is not told is not known, even if there could be but one.
    const otherwise = field.key === "__typename" ? `return any${shape.id}(b,from);` : "n.full=false;";
    return `if(b[i]===c&&${matches(key, 1)}){i+=${key.length + 1};c=44;${value}}else ${otherwise}`;
  });
  return `function read${shape.id}(b,from){
const n=new N${shape.id}(b);let i=from,c=123;
${steps.join("\n")}
if(b[i]===125&&c===44)i++;else if(c===123&&b[i+1]===125)i+=2;else return any${shape.id}(b,from);
I=i;return n}`;
}

/** What reads the value at `i` into the node `n`, and does `otherwise` for what may be white space. */
function valueCode(shape: Shape, field: ShapeField, otherwise: string): string {
  if (field.kind === "typename") return typenameCode(shape, field, otherwise);
  const onNull = field.nonNull[0] === true ? "n.full=false;" : "";
  const inner = field.shape;
  if (isText(field)) {
    const value = inner === null ? leafCode(field, 0) : wholeCode(inner, field);
    const start = `n.${startOf(field)}`;
    return `if(b[i]===110){i=rt.readNull(b,i);${start}=-2;${onNull}}else if(b[i]<=32){${otherwise}}else{${start}=i;i=n.${endOf(field)}=${value};}`;
  }
  const { id } = inner as Shape;
  const target = `n.${objectsOf(field)}`;
  const listFull = hasNonNullItems(field) ? "!LF||LN" : "!LF";
  return `if(b[i]===123){const v=one${id}(b,i);i=I;${target}=v;if(!v.full)n.full=false;}else if(b[i]===91){${target}=list${id}(b,i);i=I;if(${listFull})n.full=false;}else if(b[i]<=32){${otherwise}}else{i=rt.readNull(b,i);${target}=null;${onNull}}`;
}

function hasNonNullItems(field: ShapeField): boolean {
  return field.nonNull.slice(1).some(Boolean);
}

/** An expression that checks objects, or lists of them, whose text is copied as a whole, and gives where it ends. */
function wholeCode({ id }: Shape, field: ShapeField): string {
  return `check${id}_${field.nonNull.length - 1}(b,i,${hasNonNullItems(field)})`;
}

/** Reads a name of a type: one of those that are possible, and the same wherever it is told. */
function typenameCode(shape: Shape, field: ShapeField, otherwise: string): string {
  const branches = shape.types.map((name, number) => {
    const text = `"${name}"`;
    return `if(${matches(text, 0)}){i+=${text.length};${
      shape.types.length === 1
        ? ""
        : field.key === "__typename"
          ? `n.t=${number};`
          : `if(n.t!==${number}&&n.t!==-1)throw rt.UNREADABLE;`
    }}`;
  });
  return `${branches.join("else ")}else if(b[i]<=32){${otherwise}}else throw rt.UNREADABLE;`;
}

/**
 * An expression that reads a leaf, not null, or lists of leaves without white space, and gives where it ends.
 *
 * @param depth how many lists are around it
 */
function leafCode(field: ShapeField, depth: number): string {
  if (depth < field.nonNull.length - 1) {
    const allowsNull = field.nonNull[depth + 1] !== true;
    return `rt.readItems(b,i,${allowsNull},(b,i)=>${leafCode(field, depth + 1)})`;
  }
  const type = field.leaf as GraphQLLeafType;
  if (isEnumType(type)) return `rt.readOneOf(b,i,ENUMS.${type.name})`;
  return `rt.${READERS[type.name] ?? "readValue"}(b,i)`;
}

const READERS: Readonly<Record<string, string>> = {
  Boolean: "readBoolean",
  Float: "readNumber",
  ID: "readId",
  Int: "readInteger",
  String: "readString",
};

/** Reads an object with its fields in any order, and with white space. */
function readAnyCode(shape: Shape): string {
  const cases = shape.fields.map((field) => {
    const bit = `if(d.has(${field.index}))throw rt.UNREADABLE;d.add(${field.index});`;
    return `case ${JSON.stringify(field.key)}:${bit}${valueCode(shape, field, "throw rt.UNREADABLE")}break;`;
  });
  const typename = shape.byKey.get("__typename");
  const told = typename === undefined ? "" : `if(!d.has(${typename.index}))throw rt.UNREADABLE;`;
  return `function any${shape.id}(b,from){
const n=new N${shape.id}(b),d=new Set();let i=rt.skipSpace(b,from+1);
if(b[i]===125)i++;else for(;;){
const k=rt.readString(b,i),name=b.latin1Slice(i+1,k-1);i=rt.skipSpace(b,k);
if(b[i]!==58)throw rt.UNREADABLE;i=rt.skipSpace(b,i+1);
switch(name){${cases.join("\n")}default:throw rt.UNREADABLE}
i=rt.skipSpace(b,i);if(b[i]===125){i++;break}if(b[i]!==44)throw rt.UNREADABLE;i=rt.skipSpace(b,i+1);}
${told}n.full=false;I=i;return n}`;
}

/**
 * Reads a list of objects, or of lists. Leaves in `LF` whether all objects are full, and in `LN` whether there is a
 * null. Objects of equal text become one node.
 */
function listCode(shape: Shape): string {
  const { id } = shape;
  return `const T${id}=new rt.Interning();
function one${id}(b,i){
const T=T${id};
if(!T.on)return read${id}(b,i);
const k=T.find(b,i,${commonLength(shape)});
if(k!==undefined){I=T.end;return k}
const h=T.hash,n=read${id}(b,i);
T.add(h,i,I,n);return n}
function list${id}(b,from){
const l=[];let i=from+1,f=true,z=false;
if(b[i]<=32)i=rt.skipSpace(b,i);
if(b[i]===93){I=i+1;LF=true;LN=false;return l}
for(;;){
if(b[i]===123){const n=one${id}(b,i);if(!n.full)f=false;l.push(n);i=I}
else if(b[i]===91){l.push(list${id}(b,i));i=I;if(!LF)f=false;if(LN)z=true}
else if(b[i]<=32){i=rt.skipSpace(b,i);if(b[i]!==123&&b[i]!==91&&b[i]!==110)throw rt.UNREADABLE;continue}
else{i=rt.readNull(b,i);l.push(null);z=true}
if(b[i]<=32)i=rt.skipSpace(b,i);
if(b[i]===93){I=i+1;LF=f;LN=z;return l}
if(b[i]!==44)throw rt.UNREADABLE;i++;
}}`;
}

/** How many bytes all objects of a shape begin with, mostly. */
function commonLength({ fields, types }: Shape): number {
  const [first, second] = fields;
  if (first === undefined) return 0;
  if (first.kind !== "typename" || types.length > 1) return `{"${first.key}":`.length;
  return `{"${first.key}":"${types[0]}","${second?.key ?? ""}":`.length;
}

/** Lists of lists of lists are left to the reference engine; see `readShapes`. */
const LISTS = [1, 2, 3];

/** Checks text that is copied as a whole: written as servers write it, and with nothing missing. */
function checkCode(shape: Shape): string {
  const { id, fields } = shape;
  const steps = fields.map((field, index) => {
    const key = `${index === 0 ? "{" : ","}"${field.key}":`;
    return `if(!(${matches(key, 0)}))throw rt.UNREADABLE;i+=${key.length};${checkValueCode(shape, field)}`;
  });
  const lists = LISTS.map(
    (depth) => `function check${id}_${depth}(b,i,strict){
if(b[i]!==91)throw rt.UNREADABLE;i++;if(b[i]===93)return i+1;
for(;;){if(b[i]===110){if(strict)throw rt.UNREADABLE;i=rt.readNull(b,i)}else i=check${id}_${depth - 1}(b,i,strict);
if(b[i]===93)return i+1;if(b[i]!==44)throw rt.UNREADABLE;i++}}`,
  );
  return `function check${id}_0(b,i){${steps.join("\n")}
if(b[i]!==125)throw rt.UNREADABLE;return i+1}
${lists.join("\n")}`;
}

function checkValueCode(shape: Shape, field: ShapeField): string {
  if (field.kind === "typename") return typenameCode(shape, field, "throw rt.UNREADABLE");
  const onNull = field.nonNull[0] === true ? "throw rt.UNREADABLE" : "i=rt.readNull(b,i)";
  const value = field.shape === null ? leafCode(field, 0) : wholeCode(field.shape, field);
  return `if(b[i]===110)${onNull};else i=${value};`;
}

/** The code that reads an answer. */
export function answerCode({ id, shapes, isOfEntities, root }: AnswerShape): string {
  const reset = shapes.map((shape) => (shape.isNode ? `T${shape.id}.reset();` : "")).join("");
  const read = isOfEntities ? `list${root.id}(b,i)` : `read${root.id}(b,i)`;
  return `function answer${id}(b){${reset}
const i=rt.findData(b,${isOfEntities});
if(b[i]!==${isOfEntities ? 91 : 123})throw rt.NO_SUCCESS;
const n=${read};rt.readRest(b,I,${isOfEntities});${reset}return n}`;
}

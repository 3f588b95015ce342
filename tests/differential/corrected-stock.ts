import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import type { executeQueryPlan } from "@apollo/gateway";
import type { ReadonlyObjects } from "./completion.ts";

type ExecuteQueryPlan = typeof executeQueryPlan;
interface CompletionInput {
  readonly input: Record<string, unknown>;
  readonly variables: Readonly<Record<string, unknown>>;
}
/** @param missing the objects of which a subgraph said that it knows no such entity */
type Complete = (
  parameters: CompletionInput,
  missing: ReadonlyObjects,
) => { readonly data: unknown; readonly errors: readonly Error[] };

const FILE = "@apollo/gateway/dist/executeQueryPlan.js";

/** Each is one fault of Apollo Gateway's executor, with a test in known-differences.test.ts. */
const CORRECTIONS: readonly (readonly [what: string, from: string, to: string])[] = [
  [
    "required lists of lists of objects are sent as they are",
    `result[responseName] = source[responseName].map((value) => selections
                        ? executeSelectionSet(schema, value, selections)
                        : value)`,
    `result[selection.name] = ((each) => { const go = (value) => Array.isArray(value) ? value.map(go) : selections
                        ? executeSelectionSet(schema, value, selections)
                        : value; return each.map(go); })(source[responseName])`,
  ],
  [
    "what stands for a field with arguments is sent by the field's name: objects",
    "result[responseName] = executeSelectionSet(schema, source[responseName], selections);",
    "result[selection.name] = executeSelectionSet(schema, source[responseName], selections);",
  ],
  [
    "what stands for a field with arguments is sent by the field's name: leaves",
    "result[responseName] = source[responseName];",
    "result[selection.name] = source[responseName];",
  ],
  [
    "what is no object has no fields to be sent",
    `if (source === null) {
        return null;`,
    `if (typeof source !== "object" || source === null) {
        return null;`,
  ],
  [
    "the path of an entity's error is that of the entity, whatever was not sent: which were sent",
    "const representationToEntity = [];",
    "const representationToEntity = sent = [];",
  ],
  [
    "the path of an entity's error is that of the entity, whatever was not sent: where it is known",
    "async function sendOperation(variables) {",
    "var sent; async function sendOperation(variables) {",
  ],
  [
    "the path of an entity's error is that of the entity, whatever was not sent: who tells",
    "makeLazyErrorPathGenerator(fetch, currentCursor)",
    "makeLazyErrorPathGenerator(fetch, currentCursor, () => sent)",
  ],
  [
    "the path of an entity's error is that of the entity, whatever was not sent: who is told",
    "function makeLazyErrorPathGenerator(fetch, cursor) {",
    "function makeLazyErrorPathGenerator(fetch, cursor, sent) {",
  ],
  [
    "the path of an entity's error is that of the entity, whatever was not sent: the path",
    "hydratedPaths[errorPath[1]]",
    "hydratedPaths[sent()[errorPath[1]]]",
  ],
  [
    "a path that is no list of names and numbers is none",
    "return (errorPath) => {",
    `return (errorPath) => {
     if (!Array.isArray(errorPath) || errorPath.some((part) => typeof part !== "string" && typeof part !== "number"))
       return undefined;`,
  ],
  [
    "places without an object count for paths no more than for entities",
    "result.push(parent.slice());",
    "if (!isObject(data)) return; result.push(parent.slice());",
  ],
  [
    "a value that is no list has no items: for paths",
    "(0, federation_internals_1.assert)(Array.isArray(data), 'expected array when encountering `@`');",
    "if (!Array.isArray(data)) return;",
  ],
  [
    "a value that is no list has no items, and one that should be none is not made one with those around it",
    "return value.flatMap((element) => flattenResultsAtPath(element, rest));",
    `if (!Array.isArray(value)) return undefined;
     return rest.length === 0 ? value.filter(isObject) : rest.includes("@")
       ? value.flatMap((element) => flattenResultsAtPath(element, rest))
       : value.map((element) => flattenResultsAtPath(element, rest));`,
  ],
  [
    "a list has no fields",
    "(0, federation_internals_1.assert)(!Array.isArray(value), () => `Unexpected array in result for path element ${current}`);",
    "if (!isObject(value)) return undefined;",
  ],
  [
    "a list has no fields: for paths",
    `if (Array.isArray(data)) {
            for (const [i, value] of data.entries()) {
                parent.push(i);
                generateHydratedPaths(parent, path, value, result);
                parent.pop();
            }
        }`,
    "if (!isObject(data)) return;",
  ],
  [
    "a type alone tells of no entity which it is",
    "if (representation && representation[graphql_1.TypeNameMetaFieldDef.name]) {",
    "if (representation && representation.__typename && Object.keys(representation).length > 1) {",
  ],
  [
    "what is no object is no entity",
    "entities = currentCursor.data.filter(array_1.isNotNullOrUndefined);",
    "entities = currentCursor.data.filter(isObject);",
  ],
  [
    "what is no object is no entity: by itself",
    "entities = [currentCursor.data];",
    "entities = [currentCursor.data].filter(isObject);",
  ],
  [
    "an entity that is no object is none",
    "const receivedEntity = receivedEntities[i];",
    `const receivedEntity = receivedEntities[i];
     if (receivedEntity === null) missing.add(entities[representationToEntity[i]]);
     if (!isObject(receivedEntity)) continue;`,
  ],
  [
    "an answer's data that is no object is none",
    "return response.data;",
    "return isObject(response.data) ? response.data : undefined;",
  ],
];

const REWRITES_FILE = "@apollo/gateway/dist/dataRewrites.js";
const REWRITE_CORRECTIONS: typeof CORRECTIONS = [
  ["a value that is renamed may be null, or false", "if (objAtPath) {", "if (objAtPath !== undefined) {"],
];

const IS_OBJECT = `function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}\n`;

export interface CorrectionOptions {
  /** Makes the response. */
  readonly complete: Complete;
  readonly isInterface: (type: string) => boolean;
}

/**
 * Apollo Gateway's own executor with its known faults mended, and the response completed by a function.
 * The oracle where ours and stock differ: each difference is explained by a correction, or is a fault of ours.
 *
 * @throws Error where the text to be corrected is not there, as it would be in another version
 */
export function correctExecutor({ complete, isInterface }: CorrectionOptions): ExecuteQueryPlan {
  const missing = new WeakSet();
  const others = {
    "./resultShaping": { computeResponse: (parameters: CompletionInput) => complete(parameters, missing) },
    "./utilities/deepMerge": { deepMerge: mergeWith(isInterface) },
    "./dataRewrites": loadCorrected(REWRITES_FILE, REWRITE_CORRECTIONS, { others: {}, missing }),
  };
  const { executeQueryPlan } = loadCorrected(FILE, CORRECTIONS, { others, missing });
  return executeQueryPlan as ExecuteQueryPlan;
}

interface Surroundings {
  /** Modules in the place of some that it requires. */
  readonly others: Readonly<Record<string, unknown>>;
  /** Takes the entities that a subgraph does not know. */
  readonly missing: WeakSet<object>;
}

/** Loads a CommonJS module with its text corrected. */
function loadCorrected(
  name: string,
  corrections: typeof CORRECTIONS,
  { others, missing }: Surroundings,
): Record<string, unknown> {
  const file = createRequire(import.meta.url).resolve(name);
  let source = readFileSync(file, "utf8");
  for (const [what, from, to] of corrections) {
    if (source.split(from).length !== 2) throw new Error(`Nothing to correct: ${what}.`);
    source = source.replace(from, () => to);
  }
  const module = { exports: {} };
  const requireThere = createRequire(file);
  const required = (path: string): unknown =>
    Object.hasOwn(others, path) ? others[path] : (requireThere(path) as unknown);
  const run = compileFunction(IS_OBJECT + source, ["exports", "require", "module", "missing"]) as (
    ...args: unknown[]
  ) => void;
  run(module.exports, required, module, missing);
  return module.exports;
}

type Fields = Record<string, unknown>;

/**
 * Objects are merged by key, lists of equal length by position, at any depth; anything else is replaced. But what is
 * known to be of a type is not said to be of an interface after that.
 */
function mergeWith(isInterface: (type: string) => boolean) {
  const mergeFields = (target: Fields, source: Fields | null | undefined): Fields => {
    for (const [key, value] of Object.entries(source ?? {})) {
      if (value === undefined) continue;
      const present = Object.hasOwn(target, key) ? target[key] : undefined;
      const tellsLess = value === null || (typeof value === "string" && isInterface(value));
      if (key === "__typename" && present != null && tellsLess) continue;
      const merged = mergeValues(present, value);
      const property = { value: merged, configurable: true, enumerable: true, writable: true };
      Object.defineProperty(target, key, property);
    }
    return target;
  };
  const mergeValues = (present: unknown, value: unknown): unknown => {
    if (Array.isArray(present) && Array.isArray(value) && present.length === value.length) {
      value.forEach((item, index) => (present[index] = mergeValues(present[index], item)));
      return present;
    }
    return isFields(present) && isFields(value) ? mergeFields(present, value) : value;
  };
  return mergeFields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

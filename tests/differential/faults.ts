import { NULL, type Tree, TreeLeaf, TreeList, TreeObject, treeOf, TreeText } from "./answer-tree.ts";
import { writeTree, type Writing, WRITINGS } from "./answer-text.ts";
import { breakText, brokenCall, json, type WireAnswer } from "./broken-calls.ts";
import { type ErrorSpoiling, errorsOfOddPaths } from "./odd-paths.ts";
import { hash, type Random } from "./random.ts";
import type { ResolverFaults, SubgraphAnswer, SubgraphError } from "./subgraph-types.ts";

/** What goes wrong in one case. Everything follows from what it is about, however often and in what order it is asked. */
export interface Faults extends ResolverFaults {
  /** None where every subgraph says the truth. */
  readonly names: readonly Kind[];
  /** Makes the HTTP answer of a result, right or wrong; throws where the network fails. */
  readonly answer: (call: FaultyCall, result: SubgraphAnswer) => WireAnswer;
}

interface FaultyCall {
  readonly subgraph: string;
  /** The request's, as text. */
  readonly body: string;
  readonly representations: readonly unknown[] | undefined;
}

/**
 * `field` and `missing` are a subgraph's own failures; `null`, `leaf`, `number`, `shape`, `omit` and `typename` change
 * single values of answers, `entity` spoils single entities, `list` the list of these, `errors` the list of errors, `path`
 * adds errors with odd paths; `call` and `text` are the wire's.
 */
const KINDS = [
  "field",
  "missing",
  "null",
  "leaf",
  "number",
  "shape",
  "omit",
  "typename",
  "entity",
  "list",
  "errors",
  "path",
  "call",
  "text",
] as const;
export type Kind = (typeof KINDS)[number];

/** Every subgraph says the truth, as text of no particular kind. */
export const NO_FAULTS: Faults = soundFaults({}, 0);

/** Draws a case where nothing goes wrong: at most, answers are written in an unusual way. */
export function drawSound(random: Random): Faults {
  const writing = Object.fromEntries(
    random.chance(0.5) ? [] : random.some(WRITINGS, 0.4).map((name) => [name, true]),
  );
  return soundFaults(writing, random.below(2 ** 31));
}

/** Draws the faults of a case: one or two kinds. */
export function drawFaults(random: Random): Faults {
  const kinds = new Set<Kind>([random.pick(KINDS), random.pick(KINDS)]);
  const seed = random.below(2 ** 31);
  const sound = drawSound(random);
  const happens = (kind: Kind, about: string, oneIn: number) =>
    kinds.has(kind) && hash(`${seed} ${kind} ${about}`) % oneIn === 0;
  return {
    names: [...kinds],
    fails: (about) => happens("field", about, 6),
    isMissing: (entity) => happens("missing", entity, 3),
    spoil: (value, about) => spoil(value, about, { happens, number: hash(`${seed} ${about}`) }),
    spoilEntity: (entity, about) =>
      happens("entity", about, 2) ? spoiltEntity(entity, hash(`${seed} ${about}`)) : entity,
    answer(call, result) {
      const { subgraph, representations } = call;
      // Both gateways may word their operations differently, and join more or less into one call.
      const types = new Set(representations?.map((each) => (each as { __typename?: unknown }).__typename));
      const about = `${subgraph} ${[...types].sort().join(" ")}`;
      const number = hash(`${seed} ${about}`);
      if (happens("call", about, 3)) return brokenCall(number);
      const entities = representations === undefined ? result.data : spoiltList(result.data, number);
      const data = happens("list", about, 2) ? entities : result.data;
      const spoiling = { number, representations: representations ?? [] };
      const told = happens("errors", about, 2) ? spoiltErrors(result.errors, spoiling) : result.errors;
      const errors = happens("path", about, 2) ? [...told, ...errorsOfOddPaths(result.data, spoiling)] : told;
      const { body, ...rest } = sound.answer(call, { ...(data === undefined ? {} : { data }), errors });
      return { ...rest, body: happens("text", about, 2) ? breakText(body, number) : body };
    },
  };
}

function soundFaults(writing: Writing, seed: number): Faults {
  return {
    names: [],
    fails: () => false,
    isMissing: () => false,
    spoil: (value) => value,
    spoilEntity: (entity) => entity,
    answer({ body }, { data, errors }) {
      const answer = new TreeObject();
      if (errors.length > 0) answer.fields.push(["errors", treeOf(errors)]);
      if (data !== undefined) answer.fields.push(["data", data]);
      let count = 0;
      const start = `${seed} ${hash(body)}`;
      return json(writeTree(answer, writing, () => hash(`${start} ${count++}`)));
    },
  };
}

interface Spoiling {
  readonly happens: (kind: Kind, about: string, oneIn: number) => boolean;
  readonly number: number;
}

const NUMBERS = [
  "1e400",
  "-1e400",
  "-0",
  "1.5",
  "1e21",
  "12345678901234567890",
  "1e-400",
  "2147483648",
  "-0.0",
];
const TYPE_NAMES = [undefined, null, "Nobody", "Query", "E", "F", 7, { no: "name" }];

function spoil(value: Tree, about: string, { happens, number }: Spoiling): Tree | undefined {
  if (about.endsWith("__typename")) {
    if (!happens("typename", about, 9)) return value;
    const name = TYPE_NAMES[number % TYPE_NAMES.length];
    return name === undefined ? undefined : new TreeLeaf(name);
  }
  if (happens("omit", about, 9)) return undefined;
  if (happens("null", about, 9)) return NULL;
  const isLeaf = value instanceof TreeLeaf;
  if (happens("leaf", about, 9) && isLeaf)
    return new TreeLeaf([{ no: "leaf" }, true, 1, "no value of it", [], [null]][number % 6]);
  if (happens("number", about, 4) && isLeaf && value.value !== null)
    return new TreeLeaf(new TreeText(NUMBERS[number % NUMBERS.length] as string));
  if (happens("shape", about, 9) && !isLeaf)
    return new TreeLeaf(
      value instanceof TreeList
        ? ["no list", { no: "list" }, 0][number % 3]
        : [7, [], "no object", [{}]][number % 4],
    );
  return value;
}

/** An entity that is none, or of no type that it may be. */
function spoiltEntity(entity: TreeObject, number: number): Tree {
  const ofType = (name: unknown): TreeObject => {
    const spoilt = new TreeObject();
    for (const field of entity.fields) {
      if (field[0] !== "__typename") spoilt.fields.push(field);
      else if (name !== undefined) spoilt.fields.push(["__typename", new TreeLeaf(name)]);
    }
    return spoilt;
  };
  const others: readonly (() => Tree)[] = [
    () => NULL,
    () => new TreeObject(),
    ...TYPE_NAMES.map((name) => () => ofType(name)),
    () => ofType("Book"),
    () => ofType("Media"),
    ...[7, "no entity", true, [], [{}]].map((value) => () => treeOf(value)),
  ];
  return (others[number % others.length] as () => Tree)();
}

function spoiltList(data: Tree | undefined, number: number): Tree | undefined {
  if (!(data instanceof TreeObject)) return data;
  const [field] = data.fields;
  if (field === undefined || !(field[1] instanceof TreeList)) return data;
  const { items } = field[1];
  const answer = new TreeObject();
  const lists: (Tree | undefined)[] = [
    new TreeList([]),
    NULL,
    treeOf("no list"),
    new TreeList(items.slice(1)),
    new TreeList([...items, NULL]),
    undefined,
  ];
  const list = lists[number % lists.length];
  if (list !== undefined) answer.fields.push(["_entities", list]);
  return answer;
}

/** Errors that are unusual, or none by the specification. */
function spoiltErrors(
  errors: readonly SubgraphError[],
  { number, representations }: ErrorSpoiling,
): readonly SubgraphError[] {
  // About some entities, wherever they are in the list.
  const ofEntities = representations.flatMap((representation, index) =>
    hash(`${number} ${JSON.stringify(representation)}`) % 2 === 0
      ? [{ message: "Of an entity", path: ["_entities", index] }]
      : [],
  );
  const told = [
    [{ message: "At no place", path: ["somewhere", "else"] }],
    [{ message: "Of no entity", path: ["_entities", 1000, "f0"] }],
    ofEntities,
    [{ message: "Without a path" }],
    [{ message: "" }],
    [{ message: "With a code", extensions: { code: "ODD", serviceName: "other" } }],
    [{ message: "Of federation", extensions: { code: "INVALID_GRAPHQL" } }],
    [{ message: "A path of one", path: ["_entities"] }, { message: "Another" }],
  ][number % 8];
  return number % 16 < 8 ? (told ?? []) : [...errors, ...(told ?? [])];
}

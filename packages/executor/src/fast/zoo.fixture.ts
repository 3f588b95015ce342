import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { composeServices } from "@apollo/composition";
import {
  type DefinitionNode,
  type DirectiveNode,
  type FragmentSpreadNode,
  type GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
} from "graphql";
import { TributaryGateway } from "../gateway/tributary-gateway.ts";
import { resultBytes } from "../result/stringify-result.ts";
import { SubgraphDataSource } from "../subgraph/subgraph-data-source.ts";
import type { Transport } from "../transport/transport.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@requires", "@external", "@inaccessible"])`;

const ANIMAL = `id: ID! name: String! tag: ID age: Int weight: Float tame: Boolean! diet: Diet notes: [String!] rings: [[Int]]
  extra: Any home: Home homes: [Home!] grid: [[Home]]`;

const SUBGRAPHS = {
  animals: `${LINK}
scalar Any
enum Diet { MEAT PLANTS SECRET @inaccessible }
type Query { animals: [Animal!]! first: Animal any: [Either] empty: Home }
type Mutation { rename(id: ID!): Animal feed(id: ID!): Animal }
interface Animal { ${ANIMAL} }
type Dog implements Animal @key(fields: "id") { ${ANIMAL} friend: Dog }
type Cat implements Animal @key(fields: "id") { ${ANIMAL} lives: Int! }
union Either = Dog | Cat
type Home { street: String geo: Geo }
type Geo { lat: Float! lng: Float! }`,
  clinic: `${LINK}
type Home { street: String @external }
type Dog @key(fields: "id") { id: ID! age: Int @external home: Home @external
  dose: Int @requires(fields: "age") visits: [Visit!] zone: String! @requires(fields: "home { street }") }
type Cat @key(fields: "id") { id: ID! visits: [Visit!] vaccinated: Boolean! }
type Visit { day: String! reason: String vet: Vet }
type Vet @key(fields: "id") { id: ID! }`,
  staff: `${LINK}
type Vet @key(fields: "id") { id: ID! name: String! room: Int }`,
};

/** What goes over the wire to one subgraph. */
export type Answer = (subgraph: keyof typeof SUBGRAPHS, body: string) => string;

interface Body {
  readonly query: string;
  readonly variables: { readonly representations?: readonly Record<string, unknown>[] };
}

/** The right answer, with its fields in the order of the operation, as text. */
export const answer: Answer = (_subgraph, text) => {
  const { query, variables } = JSON.parse(text) as Body;
  const { definitions } = parse(query);
  const operation = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const root = {
    animals: ["1", "2", "3", "2", "4", "1"].map(animal),
    first: animal("3"),
    any: [animal("2"), null, animal("5")],
    empty: {},
    rename: animal("1"),
    feed: animal("2"),
    _entities: variables.representations?.map(entity),
  };
  return JSON.stringify({ data: select(root, operation?.selectionSet, definitions) });
};

/** What a selection takes of a value. */
function select(value: unknown, set: SelectionSetNode | undefined, all: readonly DefinitionNode[]): unknown {
  if (Array.isArray(value)) return value.map((each) => select(each, set, all));
  if (typeof value !== "object" || value === null || set === undefined) return value;
  const object = value as Record<string, unknown>;
  const output: Record<string, unknown> = {};
  for (const selection of set.selections) {
    if (selection.directives?.some(isLeftOut) === true) continue;
    if (selection.kind === Kind.FIELD) {
      const { name, alias, selectionSet } = selection;
      output[alias?.value ?? name.value] = select(object[name.value] ?? null, selectionSet, all);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentOf(selection, all);
    const condition = fragment?.typeCondition?.name.value;
    if ([undefined, "Animal", "Either", object.__typename].includes(condition))
      Object.assign(output, select(object, fragment?.selectionSet, all));
  }
  return output;
}

function fragmentOf({ name }: FragmentSpreadNode, definitions: readonly DefinitionNode[]) {
  return definitions
    .filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
    .find((each) => each.name.value === name.value);
}

/** Tells whether a `@skip` or `@include` without a variable leaves its field out. */
function isLeftOut({ name, arguments: given = [] }: DirectiveNode): boolean {
  const [condition] = given;
  return condition?.value.kind === Kind.BOOLEAN && condition.value.value === (name.value === "skip");
}

function animal(id: string): Record<string, unknown> {
  const number = Number(id);
  const home = (step: number) => ({
    __typename: "Home",
    street: step % 3 === 0 ? null : `Street "${(number + step) % 4}" é\n`,
    geo: step % 4 === 3 ? null : { __typename: "Geo", lat: number / 3, lng: -1.5e-7 },
  });
  return {
    __typename: number % 2 === 0 ? "Dog" : "Cat",
    id,
    name: `Animal ${id}`,
    tag: number % 3 === 0 ? null : number,
    age: number + 3,
    weight: number * 2.25,
    tame: number > 2,
    diet: number > 3 ? null : number > 1 ? "MEAT" : "PLANTS",
    notes: ["a", "b\\", "\u0001"].slice(0, number % 4),
    rings: [[1, null], null, []],
    extra: { b: [1, { a: null }], a: "text" },
    home: home(number + 1),
    homes: [home(1), home(2)],
    grid: [[home(1), null], null, []],
    friend: number === 2 ? { __typename: "Dog", id: "4", name: "Animal 4", friend: null } : null,
    lives: 9 - number,
  };
}

function entity({ __typename, id, age, home }: Record<string, unknown>): Record<string, unknown> | null {
  if (id === "5") return null;
  return {
    __typename,
    id,
    dose: typeof age === "number" ? age * 2 : null,
    zone: JSON.stringify(home ?? null),
    vaccinated: id === "1",
    visits: ["1", "2"].map((number) => ({
      day: `Day ${number}`,
      reason: null,
      vet: { __typename: "Vet", id: number },
    })),
    name: `Vet ${String(id)}`,
    room: Number(id),
  };
}

/** Stands for a byte that is none of UTF-8's. */
export const NO_UTF8 = "\ue000";

function bytesOf(text: string): Buffer {
  const parts = text.split(NO_UTF8).map((part) => Buffer.from(part));
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.of(0xff), part])));
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error("The response is not UTF-8.");
  return bytes.toString("utf8");
}

/** One gateway over the zoo's subgraphs. */
export interface Zoo {
  /** The response as text; how often subgraphs were called; and how many of their answers were released. */
  ask(
    query: string,
    answerWith?: Answer,
  ): Promise<{ readonly text: string; readonly calls: number; readonly released: number }>;
}

/**
 * Starts a gateway over the zoo's subgraphs.
 *
 * @param fastAfterRuns 0 for the fast engine, Infinity for the reference engine
 */
export async function startZoo(fastAfterRuns: number): Promise<Zoo> {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(SUBGRAPHS).map(([name, sdl]) => ({ name, url: name, typeDefs: parse(sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.join("\n"));
  let current: Answer = answer;
  let calls = 0;
  let released = 0;
  const transport: Transport = {
    async send({ url, body }) {
      calls++;
      const bytes = bytesOf(current(url as "staff", body));
      const headers = { "content-type": "application/json" };
      // What was released is written over, as by another answer.
      const release = () => {
        released++;
        bytes.fill("!");
      };
      return { status: 200, statusText: "OK", headers, body: bytes.toString("utf8"), bytes, release };
    },
    close: async () => {},
  };
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const buildService = ({ url = "" }) => new SubgraphDataSource({ url, transport, collapse: false });
  const gateway = new TributaryGateway(
    { supergraphSdl, logger, buildService },
    { fastAfterRuns, textResults: true },
  );
  const { schema } = await gateway.load();
  return {
    async ask(query, answerWith = answer) {
      current = answerWith;
      calls = 0;
      released = 0;
      const document = parse(query);
      const queryHash = createHash("sha256").update(query).digest("hex");
      const context = { request: { query, variables: {} }, document, queryHash, schema, logger, context: {} };
      const {
        data,
        errors: failures,
        extensions,
      } = await gateway.executor({ ...context, metrics: {} } as never);
      const told = ({ message, path, extensions: codes }: GraphQLError) =>
        JSON.stringify({ message, path, code: codes?.code });
      const { valueCompletion = [] } = (extensions ?? {}) as { valueCompletion?: GraphQLError[] };
      return {
        text: [
          textOf(resultBytes({ data: data as never })),
          ...(failures ?? []).map(told).toSorted(),
          ...valueCompletion.map(told).toSorted(),
        ].join("\n"),
        calls,
        released,
      };
    },
  };
}

import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { compose, type RunningSubgraph, startSubgraph, type SubgraphFixture } from "./gateway.fixture.ts";

const node = (depth: number, __typename: string) => ({ __typename, id: `${__typename}${depth}`, depth });
const inside = ({ depth }: { depth: number }, typename: string) =>
  depth > 2 ? null : node(depth + 1, typename);

/** Objects that lead to objects, three deep. */
const services: readonly SubgraphFixture[] = [
  {
    name: "nodes",
    sdl: `type Query { node: Node deep: Deep user(id: Int, filter: Filter): User }
      type Mutation { go: User count(by: Int): Int }
      input Filter { and: Filter any: [Filter!] n: Int }
      interface Node { id: ID! node: Node }
      type Deep { n(x: Int, y: Int): Int deep(x: Int): Deep deeps: [Deep!] }
      type User implements Node @key(fields: "id") { id: ID! node: Node name: String friend: User }
      type Post implements Node @key(fields: "id") { id: ID! node: Node title: String }`,
    resolvers: {
      Query: {
        node: () => node(0, "User"),
        user: () => node(0, "User"),
        deep: () => node(0, "Deep"),
      },
      Mutation: { go: () => node(0, "User"), count: () => 1 },
      Deep: {
        n: () => 1,
        deep: (parent: { depth: number }) => inside(parent, "Deep"),
        deeps: (parent: { depth: number }) => [inside(parent, "Deep")].filter((each) => each !== null),
      },
      User: {
        name: () => "a name",
        node: (parent: { depth: number }) => inside(parent, "Post"),
        friend: (parent: { depth: number }) => inside(parent, "User"),
        __resolveReference: ({ id }: { id: string }) => ({ ...node(2, "User"), id }),
      },
      Post: {
        title: () => "a title",
        node: (parent: { depth: number }) => inside(parent, "User"),
        __resolveReference: ({ id }: { id: string }) => ({ ...node(2, "Post"), id }),
      },
    },
  },
  {
    name: "ages",
    sdl: `type User @key(fields: "id") { id: ID! age: Int } type Post @key(fields: "id") { id: ID! likes: Int }`,
    resolvers: { User: { age: () => 1 }, Post: { likes: () => 1 } },
  },
];

/** Starts the subgraphs that documents are for. */
export async function startGrowthSubgraphs(): Promise<{
  readonly subgraphs: readonly RunningSubgraph[];
  readonly supergraph: string;
}> {
  const subgraphs = await Promise.all(services.map(startSubgraph));
  const supergraph = compose(services.map((service, index) => ({ ...service, url: subgraphs[index]!.url })));
  return { subgraphs, supergraph };
}

/** Documents of one kind, by how many levels or members they have. */
export interface Family {
  readonly name: string;
  readonly document: (n: number) => string;
}

const repeat = (n: number, each: (index: number) => string) =>
  Array.from({ length: n }, (_, index) => each(index)).join(" ");

/** Kinds of documents that are long in one way. */
export const longFamilies: readonly Family[] = [
  { name: "equal fields", document: (n) => `{ deep { ${repeat(n, () => "n")} } }` },
  { name: "equal fields with arguments", document: (n) => `{ deep { ${repeat(n, () => "n(x: 1 y: 2)")} } }` },
  { name: "equal objects", document: (n) => `{ deep { ${repeat(n, () => "deep { n }")} } }` },
  {
    name: "aliases",
    document: (n) => `{ ${repeat(n, (index) => `a${index}: user(id: ${index}) { name age }`)} }`,
  },
  {
    name: "variables",
    document: (n) =>
      `query(${repeat(n, (index) => `$v${index}: Int`)}) { deep { ${repeat(n, (index) => `a${index}: n(x: $v${index})`)} } }`,
  },
  {
    name: "conditions",
    document: (n) =>
      `query($v0: Boolean!) { deep { ${repeat(n, () => "... @include(if: $v0) { n deep @skip(if: $v0) { n } }")} } }`,
  },
  { name: "repeated directives", document: (n) => `{ deep { n ${repeat(n, () => "@include(if: true)")} } }` },
  {
    name: "fragments that are not used",
    document: (n) => `{ deep { n } } ${repeat(n, (index) => `fragment F${index} on Deep { n }`)}`,
  },
  { name: "operations", document: (n) => repeat(n, (index) => `query Q${index} { deep { n } }`) },
  {
    name: "operations with one chain of fragments",
    document: (n) =>
      `${repeat(n, (index) => `query Q${index} { deep { ...F0 } }`)} ${repeat(n, (index) => `fragment F${index} on Deep { ...F${index + 1} }`)} fragment F${n} on Deep { n }`,
  },
  {
    name: "spreads of one long fragment",
    document: (n) => `{ deep { ${repeat(n, () => "...F")} } } fragment F on Deep { ${repeat(n, () => "n")} }`,
  },
  {
    name: "fragments beside each other",
    document: (n) =>
      `{ deep { ${repeat(n, (index) => `...F${index}`)} } } ${repeat(n, (index) => `fragment F${index} on Deep { n deep { n } }`)}`,
  },
  {
    name: "fragments in a circle",
    document: (n) =>
      `{ deep { ...F0 } } ${repeat(n, (index) => `fragment F${index} on Deep { deep { ...F${(index + 1) % n} } }`)}`,
  },
  {
    name: "members of a list of inputs",
    document: (n) => `{ user(filter: { any: [${repeat(n, () => "{ n: 1 }")}] }) { name } }`,
  },
  {
    name: "conditions of equal mutations",
    document: (n) =>
      `mutation(${repeat(n, (index) => `$v${index}: Boolean!`)}) { ${repeat(n, (index) => `count @include(if: $v${index}) @skip(if: $v${(index + 1) % n})`)} }`,
  },
  {
    name: "fields that are not there",
    document: (n) => `{ deep { ${repeat(n, (index) => `x${index}`)} } }`,
  },
  {
    name: "names of the schema's description",
    document: (n) =>
      `{ ${repeat(n, (index) => `a${index}: __schema { types { fields { args { type { name } } type { fields { name } } } } }`)} }`,
  },
];

/** Ways to put the selections of the next level into those of this one, by the type of both. */
const ways: Readonly<Record<string, readonly ((next: string, at: string) => string)[]>> = {
  Deep: [
    (next) => next,
    (next) => `... { ${next} }`,
    (next) => `... on Deep { n ${next} }`,
    (next) => `... @include(if: $v0) { ${next} }`,
    (next) => `... @skip(if: $v1) { n ${next} }`,
    (next) => `deep { ${next} }`,
    (next) => `deep @include(if: $v0) { n ${next} }`,
    (next, at) => `a${at}: deep { ${next} }`,
    (next, at) => `b${at}: deeps { n ${next} }`,
  ],
  Node: [
    (next) => next,
    (next) => `... on User { node { ${next} } }`,
    (next) => `... on Post { title node { ${next} } }`,
    (next) => `... on User { age ${next} }`,
    (next) => `node { ${next} }`,
    (next, at) => `a${at}: node { ${next} }`,
    (next) => `... on Node @include(if: $v0) { ${next} }`,
  ],
  User: [
    (next) => next,
    (next) => `friend { ${next} }`,
    (next) => `friend { age ${next} }`,
    (next, at) => `a${at}: friend { ${next} }`,
    (next) => `node { ... on User { ${next} } }`,
    (next) => `... on Node { node { ... on User { ${next} } } }`,
    (next) => `... @skip(if: $v1) { ${next} }`,
  ],
  __Type: [
    (next) => next,
    (next) => `ofType { ${next} }`,
    (next, at) => `a${at}: ofType { ${next} }`,
    (next) => `... @include(if: $v0) { name ${next} }`,
  ],
};

const leaves: Readonly<Record<string, string>> = { Deep: "n", Node: "id", User: "name", __Type: "name" };

const roots: Readonly<Record<string, readonly string[]>> = {
  Deep: ["query # { deep { @ } }", "query # { deep { @ } more: deep { n @ } }"],
  Node: ["query # { node { @ } }", "query # { node { @ } user { @ } }"],
  User: ["query # { user { @ } }", "mutation # { go { @ } again: go { @ } }"],
  __Type: ['query # { __type(name: "Node") { @ } }', "query # { __schema { types { @ } queryType { @ } } }"],
};

/** Kinds of documents of many levels: each level has the next one once or several times, one way or another. */
export const deepFamilies: fc.Arbitrary<Family> = fc
  .record({
    type: fc.constantFrom("Deep", "Node", "User", "__Type"),
    root: fc.nat(1),
    parts: fc.array(fc.nat(100), { minLength: 1, maxLength: 3 }),
    isInline: fc.boolean(),
  })
  .map(({ type, root, parts, isInline }) => {
    const own = ways[type]!;
    const leaf = leaves[type]!;
    const level = (next: string, at: number) =>
      parts
        .map((part, index) => own[part % own.length]!(index > 0 && isInline ? leaf : next, `${at}_${index}`))
        .join(" ");
    const conditions = `... @include(if: $v0) { ${leaf} } ... @skip(if: $v1) { ${leaf} }`;
    const document = (n: number): string => {
      const head = roots[type]![root]!.replace("#", "($v0: Boolean!, $v1: Boolean!)");
      if (isInline) {
        let text = `${leaf} ${conditions}`;
        for (let at = n - 1; at >= 0; at--) text = level(text, at);
        return head.replaceAll("@", text);
      }
      const fragments = repeat(n, (at) => `fragment F${at} on ${type} { ${level(`...F${at + 1}`, at)} }`);
      return `${head.replaceAll("@", "...F0")} ${fragments} fragment F${n} on ${type} { ${leaf} ${conditions} }`;
    };
    const names = parts.map((part) => part % own.length).join(",");
    return {
      name: `${isInline ? "nested" : "fragments"} on ${type}, root ${root}, parts ${names}`,
      document,
    };
  });

/** The time that a process's main thread has worked, in milliseconds; Linux counts it in steps of ten. */
export async function mainThreadTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

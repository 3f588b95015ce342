import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;

/** A supergraph of nodes that lead to nodes: its operations can be much larger than their text. */
export function nodesSupergraph(): string {
  const { supergraphSdl, errors } = composeServices([
    {
      name: "nodes",
      url: "http://nodes.invalid/",
      typeDefs: parse(`${LINK}
        type Query { node: Node deep: Deep user: User }
        type Mutation { go: User count: Int }
        interface Node { id: ID! node: Node }
        type Deep { n: Int deep: Deep }
        type User implements Node @key(fields: "id") { id: ID! node: Node name: String }
        type Post implements Node @key(fields: "id") { id: ID! node: Node title: String }`),
    },
    {
      name: "ages",
      url: "http://ages.invalid/",
      typeDefs: parse(`${LINK}
        type User @key(fields: "id") { id: ID! age: Int friend: User }
        type Post @key(fields: "id") { id: ID! likes: Int }`),
    },
  ]);
  if (supergraphSdl === undefined) throw new Error(errors?.join("\n"));
  return supergraphSdl;
}

/** An operation in which each level is planned for two types: `depth` levels are 2 ** depth selections. */
export function nodesOfTwoTypes(depth: number): string {
  const fragments = Array.from(
    { length: depth },
    (_, level) =>
      `fragment F${level} on Node { id ... on User { node { ...F${level + 1} } } ... on Post { node { ...F${level + 1} } } }`,
  );
  return `{ node { ...F0 } } ${fragments.join(" ")} fragment F${depth} on Node { id }`;
}

/** An operation in which each fragment spreads the next one twice: one field, written as 2 ** depth. */
export function spreadTwice(depth: number): string {
  const fragments = Array.from(
    { length: depth },
    (_, level) => `fragment F${level} on Deep { ...F${level + 1} ...F${level + 1} }`,
  );
  return `{ deep { ...F0 } } ${fragments.join(" ")} fragment F${depth} on Deep { n }`;
}

/** An operation whose fields double with each level, under names of their own. */
export function doubledByAliases(depth: number): string {
  const fragments = Array.from(
    { length: depth },
    (_, level) =>
      `fragment F${level} on User { a: friend { ...F${level + 1} } b: friend { ...F${level + 1} } }`,
  );
  return `{ user { ...F0 } } ${fragments.join(" ")} fragment F${depth} on User { name }`;
}

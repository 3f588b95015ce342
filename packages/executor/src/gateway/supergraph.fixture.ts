import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;

/**
 * A supergraph of users and their reviews.
 *
 * @param url of both subgraphs
 */
export function accountsAndReviews(url: string, { withReviews = true } = {}): string {
  const subgraphs = [
    {
      name: "accounts",
      url,
      typeDefs: parse(
        `${LINK} type Query { me: User } type Mutation { rename: User }
         type User @key(fields: "id") { id: ID! name: String }`,
      ),
    },
    {
      name: "reviews",
      url,
      typeDefs: parse(
        withReviews
          ? `${LINK} type User @key(fields: "id") { id: ID! reviews(first: Int): [Review!]! age: Int }
             type Review { body: String author: User }`
          : `${LINK} type User @key(fields: "id") { id: ID! age: Int }`,
      ),
    },
  ];
  const { supergraphSdl, errors } = composeServices(subgraphs);
  if (supergraphSdl === undefined) throw new Error(errors?.join("\n"));
  return supergraphSdl;
}

/**
 * Answers what the two subgraphs are asked, with more fields than that.
 *
 * @param about is told in each name
 */
export function answerFor(body: string, about?: string): { readonly data: object } {
  const { query, variables = {} } = JSON.parse(body) as {
    query: string;
    variables?: { representations?: { id: string }[]; n?: number };
  };
  const user = (id: string) => ({
    __typename: "User",
    id,
    name: `Name of ${id}${about === undefined ? "" : ` for ${about}`}`,
    reviews: ["2", "3", "2"].slice(0, variables.n ?? 3).map((author) => ({
      body: `Of ${id}`,
      author: { __typename: "User", id: author },
    })),
  });
  if (variables.representations === undefined) return { data: query.includes("me") ? { me: user("1") } : {} };
  return { data: { _entities: variables.representations.map(({ id }) => only(user(id), query)) } };
}

/** The fields of an entity that a query names; a second fetch must not find what the first one brought. */
function only(entity: Record<string, unknown>, query: string): object {
  return Object.fromEntries(
    Object.entries(entity).filter(([name]) => new RegExp(`\\b${name}\\b`).test(query)),
  );
}

import { type GraphQLRequest, readGraphQLRequest } from "./graphql-request.ts";

export interface KnownRequestsOptions {
  /** JSON as the server takes it, or undefined where it refuses it. */
  readonly parseJson: (text: string) => unknown;
  /** Bound for the bodies that are kept, in characters. @default 1 million */
  readonly limitCharacters?: number;
}

/**
 * Makes what reads the bodies of requests, and those that came before no more than once. Bodies with variables are read
 * each time: hardly two are the same, and what is in them is nobody's to keep.
 *
 * @returns what a body asks for; null where it is no request of the ordinary
 */
export function createRequestReader({
  parseJson,
  limitCharacters = 1_000_000,
}: KnownRequestsOptions): (text: string) => GraphQLRequest | null {
  // As of known operations: what is used moves to the young generation.
  let young = new Map<string, GraphQLRequest>();
  let old = new Map<string, GraphQLRequest>();
  let characters = 0;

  const keep = (text: string, request: GraphQLRequest) => {
    young.set(text, request);
    characters += text.length;
    if (characters <= limitCharacters / 2) return;
    old = young;
    young = new Map();
    characters = 0;
  };
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const aged = old.get(text);
    const request = aged ?? readGraphQLRequest(parseJson(text));
    if (request !== null && isWithoutVariables(request)) keep(text, request);
    return request;
  };
}

function isWithoutVariables({ variables }: GraphQLRequest): boolean {
  return variables === undefined || Object.keys(variables).length === 0;
}

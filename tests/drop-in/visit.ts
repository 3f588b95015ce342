/** What a client of the app got. */
export interface Got {
  readonly status: number;
  readonly cacheControl: string | null;
  readonly contentType: string | null;
  readonly answered: string | null;
  readonly body: unknown;
}

export interface Step {
  readonly name: string;
  readonly query?: string;
  readonly variables?: object;
  readonly operationName?: string;
  readonly reader?: string;
  readonly method?: "GET";
}

/** What clients ask of the app, in order. */
export const STEPS: readonly Step[] = [
  {
    name: "entities of three subgraphs",
    query: `query Loans { loans { id days member { name joined } book { __typename title isLent ... on Novel { genre } ... on Atlas { maps } } } }`,
  },
  {
    name: "aliases, fragments, variables and conditions",
    query: `query Mine($first: Int!, $withEmail: Boolean = false, $skip: Boolean!) {
      me { ...Who seniority mine: loans { number: id book { title } } email @include(if: $withEmail) }
      few: books(first: $first) { ...What } all: books @skip(if: $skip) { title }
    }
    fragment Who on Member { id called: name }
    fragment What on Book { title isLent ... on Atlas { maps } }`,
    variables: { first: 2, skip: false },
  },
  {
    name: "one operation of several",
    query: "query A { books { isbn } } query B { members { id } }",
    operationName: "B",
  },
  { name: "no operation of several", query: "query A { books { isbn } } query B { members { id } }" },
  {
    name: "an error of a subgraph, in a list and behind an entity",
    query: "query Emails { members { id email } loans { member { id email } } }",
    reader: "m2",
  },
  {
    name: "mutations, one after the other",
    query:
      'mutation Borrow { first: borrow(isbn: "2") { id member { name loans { id } } book { title isLent } } giveBack(loan: "l2") { id book { title } } renamed: rename(name: "Dodo") { name email } }',
  },
  { name: "a mutation that fails", query: 'mutation Again { borrow(isbn: "2") { id } }' },
  {
    name: "a mutation that fails in the middle",
    query:
      'mutation Third { giveBack(loan: "l1") { id } borrow(isbn: "2") { id } rename(name: "x") { name } }',
  },
  { name: "what mutations left", query: "query Loans { loans { id member { id } book { isbn isLent } } }" },
  { name: "an answer that all may keep", query: "query Keep { books { isbn title } }" },
  { name: "an answer for a shorter time", query: "query Short { books { isbn pages } }" },
  { name: "an answer for one alone", query: 'query Alone { book(isbn: "1") { isbn title } }' },
  { name: "an answer of two subgraphs", query: "query Two { books { isbn } loans { id } }" },
  { name: "an answer that nobody may keep", query: "query Not { books { isbn } members { id } }" },
  { name: "an entity that is not there", query: 'query None { book(isbn: "9") { title isLent } }' },
  { name: "what a plugin removes", query: "query Gone { removed: books { isbn } kept: books { isbn } }" },
  { name: "what a plugin replaces", query: "query Counted { counted: books { isbn isLent } }" },
  { name: "a field that there is not", query: "query Bad { books { isbn weight } }" },
  { name: "no GraphQL", query: "query {" },
  { name: "no query" },
  {
    name: "a variable of the wrong type",
    query: "query V($first: Int) { books(first: $first) { isbn } }",
    variables: { first: "many" },
  },
  {
    name: "introspection",
    query:
      '{ __type(name: "Book") { kind possibleTypes { name } fields { name type { kind name } } } __typename }',
  },
  { name: "a query by GET", query: "query Get { books(first: 1) { title } }", method: "GET" },
  { name: "a mutation by GET", query: 'mutation { rename(name: "x") { id } }', method: "GET" },
];

/** Asks the app for all steps. */
export async function visit(url: string, steps: readonly Step[] = STEPS): Promise<ReadonlyMap<string, Got>> {
  const got = new Map<string, Got>();
  for (const step of steps) got.set(step.name, await ask(url, step));
  return got;
}

async function ask(
  url: string,
  { query, variables, operationName, reader = "m1", method }: Step,
): Promise<Got> {
  const headers = {
    "content-type": "application/json",
    "apollo-require-preflight": "1",
    authorization: reader,
  };
  const response =
    method === "GET"
      ? await fetch(`${url}?query=${encodeURIComponent(query ?? "")}`, { headers })
      : await fetch(url, {
          method: "POST",
          headers,
          body: JSON.stringify({ query, variables, operationName }),
        });
  return {
    status: response.status,
    cacheControl: response.headers.get("cache-control"),
    contentType: response.headers.get("content-type"),
    answered: response.headers.get("x-answered"),
    body: JSON.parse((await response.text()) || "null") as unknown,
  };
}

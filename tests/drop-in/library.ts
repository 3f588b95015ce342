import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { GraphQLError, parse } from "graphql";

// A library: its catalogue, its members, and what they have borrowed. Another domain than ours, and nothing of ours in it.

const LINK = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@requires", "@external", "@shareable"])
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  enum CacheControlScope { PUBLIC PRIVATE }
`;

interface Subgraph {
  readonly sdl: string;
  readonly resolvers: object;
}

interface Context {
  /** What the gateway said who is asking. */
  readonly reader: string | undefined;
}

const BOOKS = [
  {
    isbn: "1",
    title: "Middlemarch",
    author: "George Eliot",
    pages: 880,
    __typename: "Novel",
    genre: "realism",
  },
  { isbn: "2", title: "Emma", author: "Jane Austen", pages: 474, __typename: "Novel", genre: null },
  { isbn: "3", title: "Atlas", author: "Several", pages: 120, __typename: "Atlas", maps: 96 },
];

const books: Subgraph = {
  sdl: `${LINK}
    type Query {
      books(author: String, first: Int = 10): [Book!]! @cacheControl(maxAge: 60)
      book(isbn: ID!): Book @cacheControl(maxAge: 30, scope: PRIVATE)
    }
    interface Book @key(fields: "isbn") { isbn: ID! title: String! author: String pages: Int! @cacheControl(maxAge: 20) }
    type Novel implements Book @key(fields: "isbn") @cacheControl(maxAge: 60) {
      isbn: ID! title: String! author: String pages: Int! @cacheControl(maxAge: 20) genre: String
    }
    type Atlas implements Book @key(fields: "isbn") @cacheControl(maxAge: 60) {
      isbn: ID! title: String! author: String pages: Int! maps: Int!
    }`,
  resolvers: {
    Query: {
      books: (_parent: unknown, { author, first }: { author?: string; first: number }) =>
        BOOKS.filter((each) => author === undefined || each.author === author).slice(0, first),
      book: (_parent: unknown, { isbn }: { isbn: string }) => BOOKS.find((each) => each.isbn === isbn),
    },
    Book: { __resolveReference: ({ isbn }: { isbn: string }) => BOOKS.find((each) => each.isbn === isbn) },
    Novel: { __resolveReference: ({ isbn }: { isbn: string }) => BOOKS.find((each) => each.isbn === isbn) },
    Atlas: { __resolveReference: ({ isbn }: { isbn: string }) => BOOKS.find((each) => each.isbn === isbn) },
  },
};

const MEMBERS = [
  { id: "m1", name: "Dorothea", email: "dorothea@example.org", joined: 1829 },
  { id: "m2", name: "Will", email: "will@example.org", joined: 1830 },
];

const members: Subgraph = {
  sdl: `${LINK}
    type Query { me: Member  members: [Member!]! }
    type Mutation { rename(name: String!): Member }
    type Member @key(fields: "id") { id: ID! name: String! email: String joined: Int }`,
  resolvers: {
    Query: {
      me: (_parent: unknown, _args: unknown, { reader }: Context) => MEMBERS.find(({ id }) => id === reader),
      members: () => MEMBERS,
    },
    Mutation: {
      rename: (_parent: unknown, { name }: { name: string }, { reader }: Context) => {
        const member = MEMBERS.find(({ id }) => id === reader);
        if (member === undefined) {
          throw new GraphQLError("Nobody is signed in.", { extensions: { code: "UNAUTHENTICATED" } });
        }
        return { ...member, name };
      },
    },
    Member: {
      __resolveReference: ({ id }: { id: string }) => MEMBERS.find((member) => member.id === id),
      email: ({ id, email }: { id: string; email: string }, _args: unknown, { reader }: Context) => {
        if (id === reader) return email;
        throw new GraphQLError("Not yours to read.", { extensions: { code: "FORBIDDEN", member: id } });
      },
    },
  },
};

/** Loans begin anew with each library. */
function createLoans(withFines: boolean): Subgraph {
  const lent = [
    { id: "l1", member: { id: "m1" }, book: { __typename: "Novel", isbn: "1" }, days: 40 },
    { id: "l2", member: { id: "m1" }, book: { __typename: "Atlas", isbn: "3" }, days: 3 },
    { id: "l3", member: { id: "m2" }, book: { __typename: "Novel", isbn: "1" }, days: 9 },
  ];
  return {
    sdl: `${LINK}
      type Query { loans: [Loan!]! @cacheControl(maxAge: 10) }
      type Mutation { borrow(isbn: ID!): Loan! giveBack(loan: ID!): [Loan!]! }
      type Loan @key(fields: "id") @cacheControl(maxAge: 10) {
        id: ID! member: Member book: Book days: Int! ${withFines ? "fine: Int!" : ""}
      }
      type Member @key(fields: "id") { id: ID! joined: Int @external loans: [Loan!]! seniority: String @requires(fields: "joined") }
      type Book @key(fields: "isbn") @interfaceObject { isbn: ID! isLent: Boolean! }`.replace(
      '"@shareable"]',
      '"@shareable", "@interfaceObject"]',
    ),
    resolvers: {
      Query: { loans: () => lent },
      Mutation: {
        borrow: (_parent: unknown, { isbn }: { isbn: string }, { reader }: Context) => {
          if (lent.some((loan) => loan.book.isbn === isbn)) {
            throw new GraphQLError("It is lent.", { extensions: { code: "BOOK_IS_LENT", isbn } });
          }
          const loan = {
            id: `l${lent.length + 1}`,
            member: { id: reader ?? "" },
            book: { __typename: "Novel", isbn },
            days: 0,
          };
          lent.push(loan);
          return loan;
        },
        giveBack: (_parent: unknown, { loan }: { loan: string }) => {
          const index = lent.findIndex(({ id }) => id === loan);
          if (index !== -1) lent.splice(index, 1);
          return lent;
        },
      },
      Loan: { fine: ({ days }: { days: number }) => Math.max(0, days - 28) },
      Member: {
        loans: ({ id }: { id: string }) => lent.filter((loan) => loan.member.id === id),
        seniority: ({ joined }: { joined: number | null }) =>
          joined === null ? null : joined < 1830 ? "old" : "new",
      },
      Book: { isLent: ({ isbn }: { isbn: string }) => lent.some((loan) => loan.book.isbn === isbn) },
    },
  };
}

/** A library that listens: a subgraph each. */
export interface Library {
  readonly subgraphs: readonly { readonly name: string; readonly url: string; readonly sdl: string }[];
  stop(name?: string): Promise<void>;
}

/** Starts the subgraphs of a library. Each wants the `x-gateway` header, and answers 401 without. */
export async function startLibrary({ withFines = false } = {}): Promise<Library> {
  const running = await Promise.all(
    Object.entries({ books, members, loans: createLoans(withFines) }).map(
      async ([name, { sdl, resolvers }]) => {
        const server = new ApolloServer<Context>({
          schema: buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]),
          stopOnTerminationSignals: false,
          includeStacktraceInErrorResponses: false,
          plugins: [ApolloServerPluginInlineTraceDisabled()],
        });
        const { url } = await startStandaloneServer(server, {
          listen: { port: 0, host: "127.0.0.1" },
          context: async ({ req }) => {
            const isIntrospection = req.headers["x-reader"] === undefined;
            if (!isIntrospection && req.headers["x-gateway"] !== "library") {
              throw new GraphQLError("Not a gateway.", { extensions: { http: { status: 401 } } });
            }
            return { reader: req.headers["x-reader"] as string | undefined };
          },
        });
        return { name, url, sdl, stop: () => server.stop() };
      },
    ),
  );
  const listening = new Map(running.map((each) => [each.name, each.stop]));
  return {
    subgraphs: running.map(({ name, url, sdl }) => ({ name, url, sdl })),
    stop: async (name) => {
      const names = name === undefined ? [...listening.keys()] : [name];
      await Promise.all(
        names.map(async (each) => {
          await listening.get(each)?.();
          listening.delete(each);
        }),
      );
    },
  };
}

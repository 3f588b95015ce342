import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { GraphQLError } from "graphql";
import {
  ask,
  compose,
  createFolder,
  type GatewayProcess,
  type Misbehaviour,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

const books = [
  { id: "b1", title: "One", authorId: "a1" },
  { id: "b2", title: "Two", authorId: "a2" },
  { id: "b3", title: "Three", authorId: "a1" },
];

const library: SubgraphFixture = {
  name: "library",
  sdl: `
    scalar Isbn
    type Query {
      shelf: Shelf!
      book(id: ID!, isbn: Isbn): Book
      books(first: Int): [Book!]!
      finds: [Find!]!
      careful: String
      careless: String
    }
    type Shelf { label: String! books: [Book!]! }
    type Book @key(fields: "id") { id: ID! title: String! author: Author picks: [Author] weight: Int }
    type Film @key(fields: "id") { id: ID! name: String! }
    union Find = Book | Film
    type Author @key(fields: "id") { id: ID! }
    type Mutation { rename(id: ID!, title: String!): Book }
  `,
  resolvers: {
    Query: {
      shelf: () => ({ label: "A", books }),
      book: (_: unknown, { id }: { id: string }) => books.find((each) => each.id === id),
      books: (_: unknown, { first }: { first?: number }) => books.slice(0, first ?? books.length),
      finds: () => [
        { __typename: "Film", id: "f1", name: "Film" },
        { __typename: "Book", ...books[0] },
        { __typename: "Film", id: "f2", name: "Film" },
        { __typename: "Book", ...books[1] },
      ],
      careful: () => {
        throw new GraphQLError("Not on a Sunday.", {
          extensions: { code: "CLOSED", faults: [{ path: "day" }], internal: "10.0.0.7" },
        });
      },
      careless: () => {
        throw new Error("connect ECONNREFUSED 10.0.0.7:5432 select * from secrets");
      },
    },
    Book: {
      author: ({ authorId }: { authorId: string }) => ({ id: authorId }),
      picks: () => [{ id: "a1" }, null, { id: "a2" }],
      weight: () => 7,
      __resolveReference: ({ id }: { id: string }) => books.find((each) => each.id === id),
    },
    Mutation: {
      rename: (_: unknown, { id, title }: { id: string; title: string }) => ({
        ...books.find((each) => each.id === id),
        title,
      }),
    },
  },
};

const people: SubgraphFixture = {
  name: "people",
  sdl: `
    type Query { people: [Author!] }
    type Author @key(fields: "id") { id: ID! name: String! born: Int motto: String friend: Author }
    type Book @key(fields: "id") { id: ID! weight: Int @external readers: [Author!] postage: Int @requires(fields: "weight") }
    type Film @key(fields: "id") { id: ID! stars: [Author!] }
  `,
  resolvers: {
    Query: { people: () => [{ id: "a1" }, { id: "a2" }] },
    Author: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      name: ({ id }: { id: string }) => `Name of ${id}`,
      born: () => 1900,
      motto: ({ id }: { id: string }) => {
        if (id === "a2") throw new GraphQLError("No motto.", { extensions: { code: "NO_MOTTO" } });
        return "Read.";
      },
      friend: () => null,
    },
    Book: {
      __resolveReference: (reference: object) => reference,
      readers: () => [{ id: "a1" }],
      postage: ({ weight }: { weight: number }) => weight * 2,
    },
    Film: { __resolveReference: (reference: object) => reference, stars: () => [{ id: "a2" }] },
  },
};

const reviews: SubgraphFixture = {
  name: "reviews",
  sdl: `type Book @key(fields: "id") { id: ID! stars: Int review: Review } type Review { text: String! by: Author about: Book } type Author @key(fields: "id", resolvable: false) { id: ID! }
    type Query { latest: [Review!] }`,
  resolvers: {
    Query: {
      latest: () => [
        { text: "Good", by: { id: "a1" }, about: { id: "b1" } },
        { text: "Bad", by: null, about: null },
        { text: "Long", by: null, about: { id: "b2" } },
      ],
    },
    Book: {
      __resolveReference: (reference: object) => reference,
      stars: () => 5,
      review: () => ({ text: "Good", by: { id: "a1" } }),
    },
  },
};

const subgraphs = new Map<string, RunningSubgraph>();
let folder: Awaited<ReturnType<typeof createFolder>>;
let gateway: GatewayProcess;
/** Nothing listens there: it is the port of a subgraph that was stopped. */
let deadUrl: string;

beforeAll(async () => {
  folder = await createFolder();
  const fixtures = [library, people, reviews];
  for (const fixture of fixtures) subgraphs.set(fixture.name, await startSubgraph(fixture));
  const supergraph = compose(
    fixtures.map((fixture) => ({ ...fixture, url: subgraphs.get(fixture.name)!.url })),
  );
  gateway = await startGatewayProcess([
    "--supergraph",
    await folder.write("supergraph.graphql", supergraph),
    "--subgraph-timeout",
    "400",
    "--subgraph-response-limit",
    "20000",
  ]);
  const stopped = await startSubgraph({ ...people, name: "stopped" });
  deadUrl = stopped.url;
  await stopped.stop();
});

afterEach(() => {
  for (const subgraph of subgraphs.values()) subgraph.misbehave = null;
});

afterAll(async () => {
  await gateway.stop();
  for (const subgraph of subgraphs.values()) await subgraph.stop();
  await folder.remove();
});

const answerWith =
  (body: string, status = 200): Misbehaviour =>
  (_, response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(body);

const misbehaviours: Record<string, [code: string, Misbehaviour]> = {
  "does not answer in time": ["SUBGRAPH_TIMEOUT", () => {}],
  "stops in the middle of its answer": [
    "SUBGRAPH_TIMEOUT",
    (_, response) => void response.writeHead(200).write('{"data":'),
  ],
  "breaks the connection": ["SUBGRAPH_UNAVAILABLE", (request) => void request.socket.destroy()],
  "breaks the connection in the middle of its answer": [
    "SUBGRAPH_UNAVAILABLE",
    (request, response) => {
      response.writeHead(200, { "content-length": "100" }).write('{"data":');
      setTimeout(() => request.socket.destroy(), 20);
    },
  ],
  "answers HTTP 500": ["SUBGRAPH_HTTP_ERROR", answerWith("select * from secrets failed at 10.0.0.7", 500)],
  "answers HTTP 500 with GraphQL errors": [
    "SUBGRAPH_HTTP_ERROR",
    answerWith('{"errors":[{"message":"10.0.0.7"}]}', 500),
  ],
  "answers HTTP 401": [
    "SUBGRAPH_HTTP_ERROR",
    answerWith('{"errors":[{"message":"x","extensions":{"code":"UNAUTHENTICATED"}}]}', 401),
  ],
  redirects: [
    "SUBGRAPH_HTTP_ERROR",
    (_, response) => void response.writeHead(302, { location: "http://10.0.0.7/" }).end(),
  ],
  "answers HTML": ["SUBGRAPH_INVALID_RESPONSE", answerWith("<html>10.0.0.7</html>")],
  "answers nothing": ["SUBGRAPH_INVALID_RESPONSE", answerWith("")],
  "answers JSON that is no object": ["SUBGRAPH_INVALID_RESPONSE", answerWith('["10.0.0.7"]')],
  "answers JSON that is no GraphQL response": [
    "SUBGRAPH_INVALID_RESPONSE",
    answerWith('{"status":"10.0.0.7"}'),
  ],
  "answers data that is no object": ["SUBGRAPH_INVALID_RESPONSE", answerWith('{"data":"10.0.0.7"}')],
  "answers errors that are no list": [
    "SUBGRAPH_INVALID_RESPONSE",
    answerWith('{"data":{},"errors":"10.0.0.7"}'),
  ],
  "answers with another number of entities": [
    "SUBGRAPH_INVALID_RESPONSE",
    answerWith('{"data":{"_entities":[]}}'),
  ],
  "answers with entities that are no list": [
    "SUBGRAPH_INVALID_RESPONSE",
    answerWith('{"data":{"_entities":{"10.0.0.7":1}}}'),
  ],
  "answers with no entities": ["SUBGRAPH_INVALID_RESPONSE", answerWith('{"data":{}}')],
  "answers with entities that are no objects": [
    "SUBGRAPH_INVALID_RESPONSE",
    answerWith('{"data":{"_entities":["10.0.0.7"]}}'),
  ],
  "answers too much": [
    "SUBGRAPH_INVALID_RESPONSE",
    answerWith(
      JSON.stringify({ data: { _entities: [{ born: 1 }] }, extensions: { pad: "x".repeat(30_000) } }),
    ),
  ],
};

const innards = /10\.0\.0\.7|ECONN|secrets|127\.0\.0\.1|http:|stack|node_modules|\bat \//;

describe("a subgraph that", () => {
  test.each(Object.entries(misbehaviours))(
    "%s costs its own fields and no more",
    async (_, [code, misbehaviour]) => {
      subgraphs.get("people")!.misbehave = misbehaviour;
      const { status, data, errors, text } = await ask(
        gateway.url,
        `{ book(id: "b1") { title author { id born } stars } }`,
      );
      expect(status).toBe(200);
      expect(data).toEqual({ book: { title: "One", author: { id: "a1", born: null }, stars: 5 } });
      expect(errors).toEqual([
        {
          message: expect.stringContaining('"people"'),
          path: ["book", "author", "born"],
          extensions: { code, service: "people" },
        },
      ]);
      expect(text).not.toMatch(innards);
    },
  );

  test("nobody listens for costs its own fields and no more", async () => {
    const file = await folder.write(
      "dead.graphql",
      compose([
        { ...library, url: subgraphs.get("library")!.url },
        { ...people, url: deadUrl },
      ]),
    );
    const other = await startGatewayProcess(["--supergraph", file]);
    try {
      const { data, errors, text } = await ask(
        other.url,
        `{ book(id: "b1") { title readers { name } } people { name } }`,
      );
      expect(data).toEqual({ book: { title: "One", readers: null }, people: null });
      expect(errors.map(({ path, extensions }) => [extensions["code"], extensions["service"], path])).toEqual(
        expect.arrayContaining([
          ["SUBGRAPH_UNAVAILABLE", "people", ["people"]],
          ["SUBGRAPH_UNAVAILABLE", "people", ["book", "readers"]],
        ]),
      );
      expect(errors).toHaveLength(2);
      expect(text).not.toMatch(innards);
    } finally {
      await other.stop();
    }
  });

  /** Sends an operation to people, leaves once it has arrived there, and resolves when its call has come to an end. */
  const leave = async (query: string, service: string, answer: (response: ServerResponse) => void) => {
    const { promise: closed, resolve: onClose } = Promise.withResolvers<boolean>();
    const { promise: arrived, resolve: onArrival } = Promise.withResolvers<ServerResponse>();
    subgraphs.get(service)!.misbehave = (_, response) => {
      response.once("close", () => onClose(response.writableFinished));
      onArrival(response);
    };
    const client = new AbortController();
    const leaving = ask(gateway.url, query, { signal: client.signal });
    const response = await arrived;
    client.abort();
    await expect(leaving).rejects.toMatchObject({ name: "AbortError" });
    answer(response);
    return closed;
  };

  test("nobody waits for any more is not called on, and not to blame", async () => {
    expect(await leave(`query Leaving { people { name } }`, "people", () => {})).toBe(false);
    const line = await gateway.logged((each) => each["operation"] === "Leaving");
    expect(line).toMatchObject({
      subgraphCalls: [{ service: "people", status: null, code: "SUBGRAPH_UNAVAILABLE" }],
    });
    const { requestId } = line;
    const about = gateway.log().filter((each) => each["requestId"] === requestId);
    expect(about).toEqual([line]);
  });

  test("changes something is let finish, though nobody waits for it", async () => {
    const finished = await leave(
      `mutation LeftAlone { rename(id: "b1", title: "x") { title } }`,
      "library",
      (response) => {
        // Long enough for an abort to get here, were there one.
        setTimeout(() => response.end('{"data":{"rename":{"title":"x"}}}'), 150);
      },
    );
    expect(finished).toBe(true);
    const line = await gateway.logged((each) => each["operation"] === "LeftAlone");
    expect(line).toMatchObject({ errorCodes: [], subgraphCalls: [{ service: "library", status: 200 }] });
  });
});

test.each([301, 302, 303, 307, 308])(
  "a subgraph that redirects with status %i has the gateway call nobody else, and the log says where to",
  async (status) => {
    // As another host of an inner network would answer, with what passes for a response of GraphQL.
    const inner = await startSubgraph({ ...people, name: "inner" });
    try {
      subgraphs.get("people")!.misbehave = (_, response) =>
        void response
          .writeHead(status, {
            location: `${inner.url}?token=secret`,
            "content-type": "application/json",
          })
          .end('{"data":{"people":[{"name":"Nobody"}]}}');
      const { data, errors, headers, text } = await ask(gateway.url, `{ people { name } }`);
      expect(data).toEqual({ people: null });
      expect(errors).toEqual([
        {
          message: expect.stringContaining('"people"'),
          path: ["people"],
          extensions: { code: "SUBGRAPH_HTTP_ERROR", service: "people" },
        },
      ]);
      expect(text).not.toMatch(innards);
      expect(inner.received).toEqual([]);
      const requestId = headers.get("x-request-id");
      const line = await gateway.logged(
        (each) => each["requestId"] === requestId && each["msg"] === "subgraph trouble",
      );
      expect(line["detail"]).toContain(`HTTP ${status}: a redirect to ${inner.url}, which`);
      expect(line["detail"]).not.toContain("secret");
    } finally {
      await inner.stop();
    }
  },
);

describe("an error about a subgraph points at the null in the answer", () => {
  const failed = async (query: string, service = "people") => {
    subgraphs.get(service)!.misbehave = answerWith("no", 500);
    const { data, errors } = await ask(gateway.url, query);
    for (const error of errors) expect(error.extensions).toEqual({ code: "SUBGRAPH_HTTP_ERROR", service });
    return { data, paths: errors.map((error) => error.path) };
  };

  test("at a root field", async () => {
    const { data, paths } = await failed(`{ a: people { id } books { id } }`);
    expect(data.a).toBeNull();
    expect(data.books).toHaveLength(3);
    expect(paths).toEqual([["a"]]);
  });

  test("at each place of a list", async () => {
    const { data, paths } = await failed(`{ shelf { books { title author { id motto: born } } } }`);
    expect(data.shelf.books[1]).toEqual({ title: "Two", author: { id: "a2", motto: null } });
    expect(paths).toEqual([0, 1, 2].map((at) => ["shelf", "books", at, "author", "motto"]));
  });

  test("at a field that is not nullable, though the null is the parent: not at the parent", async () => {
    const { data, paths } = await failed(`{ books { title author { name born } } }`);
    expect(data.books[0]).toEqual({ title: "One", author: null });
    expect(paths).toEqual([0, 1, 2].map((at) => ["books", at, "author", "name"]));
  });

  test("past the nulls of a list that were there before", async () => {
    const { data, paths } = await failed(`{ book(id: "b1") { picks { name } } }`);
    expect(data.book.picks).toEqual([null, null, null]);
    expect(paths).toEqual([0, 2].map((at) => ["book", "picks", at, "name"]));
  });

  test("at the right places of a list of several types", async () => {
    const { data, paths } = await failed(
      `{ finds { __typename ... on Film { name } ... on Book { title stars } } }`,
      "reviews",
    );
    expect(data.finds.map((find: { stars?: null }) => find.stars)).toEqual([
      undefined,
      null,
      undefined,
      null,
    ]);
    expect(paths).toEqual([1, 3].map((at) => ["finds", at, "stars"]));
  });

  test("at a root field that is not nullable, with no data left", async () => {
    subgraphs.get("library")!.misbehave = answerWith("no", 500);
    const { data, errors } = await ask(gateway.url, `{ shelf { label } people { name } }`);
    expect(data).toBeNull();
    expect(errors.map((error) => [error.extensions["service"], error.path])).toEqual([
      ["library", ["shelf"]],
    ]);
  });

  test("at the field that waited for what did not come", async () => {
    // people needs the book's weight for its postage: library, which has it, is asked for nothing else.
    const { data, paths } = await failed(`{ latest { about { id postage } } }`, "library");
    expect(data.latest.map((review: { about: object }) => review.about)).toEqual([
      { id: "b1", postage: null },
      null,
      { id: "b2", postage: null },
    ]);
    expect(paths).toEqual([0, 2].map((at) => ["latest", at, "about", "postage"]));
  });

  test("under the client's name for a field that goes by another one in the plan", async () => {
    // postage requires the book's weight, so that another field cannot be called that on the way.
    const { data, paths } = await failed(`{ latest { about { weight: picks { id } } } }`, "library");
    expect(data.latest.map((review: { about: object }) => review.about)).toEqual([
      { weight: null },
      null,
      { weight: null },
    ]);
    expect(paths).toEqual([0, 2].map((at) => ["latest", at, "about", "weight"]));
    subgraphs.get("library")!.misbehave = answerWith(
      `{"data":{"careful":null,"book":{"weight_asked":null}},"errors":[{"message":"Lost.","path":["book","weight_asked"],"extensions":{"code":"LOST"}}]}`,
    );
    const { data: other, errors } = await ask(
      gateway.url,
      `{ careful book(id: "b1") { weight: picks { id } } }`,
    );
    expect(other).toEqual({ careful: null, book: { weight: null } });
    expect(errors.map(({ path }) => path)).toEqual([["book", "weight"]]);
  });

  test("where another service's answer breaks the schema at the same time", async () => {
    subgraphs.get("library")!.misbehave = answerWith(`{"data":{"book":{"title":null}}}`);
    subgraphs.get("people")!.misbehave = answerWith("no", 500);
    const { data, errors } = await ask(gateway.url, `{ book(id: "b1") { title } people { name } }`);
    expect(data).toEqual({ book: null, people: null });
    expect(errors.map(({ path, extensions }) => [extensions["code"], extensions["service"], path])).toEqual([
      ["SUBGRAPH_HTTP_ERROR", "people", ["people"]],
      ["SUBGRAPH_NULL_FOR_NON_NULL", "library", ["book", "title"]],
    ]);
  });

  test("at a field that is computed out of another service's", async () => {
    // postage needs the weight, which nobody asked for by name.
    subgraphs.get("library")!.misbehave = (request, response) => {
      subgraphs.get("library")!.misbehave = null;
      answerWith(
        `{"data":{"book":{"__typename":"Book","id":"b1"}},"errors":[{"message":"Scales are broken.","path":["book","weight"],"extensions":{"code":"NO_SCALES"}}]}`,
      )(request, response);
    };
    const { data, errors } = await ask(gateway.url, `{ book(id: "b1") { id postage } }`);
    expect(data).toEqual({ book: { id: "b1", postage: null } });
    expect(errors).toEqual([
      {
        message: "Scales are broken.",
        path: ["book", "postage"],
        extensions: { code: "NO_SCALES", service: "library" },
      },
    ]);
  });
});

describe("an error in a subgraph's answer", () => {
  test("that was made on purpose passes, with its public extensions alone", async () => {
    const { data, errors } = await ask(gateway.url, `{ careful book(id: "b1") { title } }`);
    expect(data).toEqual({ careful: null, book: { title: "One" } });
    expect(errors).toEqual([
      {
        message: "Not on a Sunday.",
        path: ["careful"],
        extensions: { code: "CLOSED", faults: [{ path: "day" }], service: "library" },
      },
    ]);
  });

  test("that nobody foresaw is masked", async () => {
    const { data, errors, headers, text } = await ask(gateway.url, `{ mine: careless }`);
    expect(data).toEqual({ mine: null });
    expect(errors).toEqual([
      {
        message: "Internal server error",
        path: ["mine"],
        extensions: {
          code: "INTERNAL_SERVER_ERROR",
          service: "library",
          requestId: headers.get("x-request-id"),
        },
      },
    ]);
    expect(text).not.toMatch(innards);
    const { requestId } = errors[0]!.extensions;
    const line = await gateway.logged(
      (each) => each["requestId"] === requestId && each["msg"] === "subgraph trouble",
    );
    expect(line["detail"]).toContain("select * from secrets");
  });

  test("about an entity points at the entity's place", async () => {
    const { data, errors } = await ask(gateway.url, `{ books { author { id says: motto } } }`);
    expect(data.books.map((book: { author: { says: string } }) => book.author.says)).toEqual([
      "Read.",
      null,
      "Read.",
    ]);
    expect(errors).toEqual([
      {
        message: "No motto.",
        path: ["books", 1, "author", "says"],
        extensions: { code: "NO_MOTTO", service: "people" },
      },
    ]);
  });

  test("about an entity is told at every place where the entity is", async () => {
    const { errors } = await ask(
      gateway.url,
      `{ all: books { author { motto } } two: books(first: 2) { author { motto } } }`,
    );
    expect(errors.map(({ path }) => path)).toEqual([
      ["all", 1, "author", "motto"],
      ["two", 1, "author", "motto"],
    ]);
    expect(subgraphs.get("people")!.received.at(-1)!.body.variables?.["representations"]).toHaveLength(2);
  });

  test("about an entity points at the right place of a list of several types", async () => {
    subgraphs.get("reviews")!.misbehave = answerWith(
      `{"data":{"_entities":[{"stars":1},{"stars":null}]},"errors":[{"message":"Lost.","path":["_entities",1,"stars"],"extensions":{"code":"LOST"}}]}`,
    );
    const { data, errors } = await ask(
      gateway.url,
      `{ finds { ... on Film { name } ... on Book { id stars } } }`,
    );
    expect(data.finds[1]).toEqual({ id: "b1", stars: 1 });
    expect(errors).toEqual([
      { message: "Lost.", path: ["finds", 3, "stars"], extensions: { code: "LOST", service: "reviews" } },
    ]);
  });

  test("of a field that is not nullable keeps its path, however far the null spreads", async () => {
    // Both of the list's books have the author; the whole shelf is null because of it.
    subgraphs.get("library")!.misbehave = answerWith(
      JSON.stringify({
        data: { shelf: null },
        errors: [{ message: "Torn.", path: ["shelf", "books", 1, "title"], extensions: { code: "TORN" } }],
      }),
    );
    const { data, errors } = await ask(gateway.url, `{ shelf { books { title } } }`);
    expect(data).toBeNull();
    expect(errors).toEqual([
      {
        message: "Torn.",
        path: ["shelf", "books", 1, "title"],
        extensions: { code: "TORN", service: "library" },
      },
    ]);
  });

  test("about an entity's field that is not nullable names the field of the entity", async () => {
    subgraphs.get("people")!.misbehave = (request, response) =>
      answerWith(
        JSON.stringify({
          data: { _entities: [null, { name: "Two" }] },
          errors: [{ message: "Shy.", path: ["_entities", 0, "name"], extensions: { code: "SHY" } }],
        }),
      )(request, response);
    const { data, errors } = await ask(gateway.url, `{ books { author { born name } } }`);
    expect(data.books.map((book: { author: unknown }) => book.author)).toEqual([
      null,
      { born: null, name: "Two" },
      null,
    ]);
    expect(errors.map(({ path, extensions }) => [extensions["code"], path])).toEqual([
      ["SHY", ["books", 0, "author", "name"]],
      ["SHY", ["books", 2, "author", "name"]],
    ]);
  });

  test("about an entity that was not asked for keeps its code and service", async () => {
    subgraphs.get("people")!.misbehave = answerWith(
      JSON.stringify({
        data: { _entities: [{ motto: null }, { motto: null }] },
        errors: [{ message: "Lost.", path: ["_entities", 7, "motto"], extensions: { code: "LOST" } }],
      }),
    );
    const { errors } = await ask(gateway.url, `{ books { author { motto } } }`);
    expect(errors.map(({ message, path, extensions }) => [message, path, extensions])).toEqual(
      [0, 1, 2].map((at) => ["Lost.", ["books", at, "author", "motto"], { code: "LOST", service: "people" }]),
    );
  });

  test.each(["null", "undefined"])("with no list of entities (%s) is all there is to say", async (list) => {
    subgraphs.get("people")!.misbehave = answerWith(
      `{"data":{${list === "null" ? '"_entities":null' : ""}},"errors":[{"message":"Away.","path":null,"extensions":{"code":"AWAY"}}]}`,
    );
    const { data, errors } = await ask(gateway.url, `{ book(id: "b1") { author { id born } } }`);
    expect(data).toEqual({ book: { author: { id: "a1", born: null } } });
    expect(errors).toEqual([
      {
        message: "Away.",
        path: ["book", "author", "born"],
        extensions: { code: "AWAY", service: "people" },
      },
    ]);
  });

  test.each([
    ["an entity that was not asked for", ["_entities", 7]],
    ["what is no position", ["_entities", "x"]],
    ["a position as text", ["_entities", "0", "motto"]],
    ["the list of entities", ["_entities"]],
    ["a negative position", ["_entities", -1]],
    ["the whole answer", []],
    ["no place", undefined],
    ["null for a place", null],
    ["another field", ["somewhere"]],
  ])("about %s keeps its code, its message and its service", async (_, path) => {
    subgraphs.get("people")!.misbehave = answerWith(
      JSON.stringify({
        data: { _entities: [{ motto: null }, { motto: null }] },
        errors: [{ message: "Lost.", path, extensions: { code: "LOST" } }],
      }),
    );
    const { errors } = await ask(gateway.url, `{ books { author { motto } } }`);
    expect(errors.length).toBeGreaterThan(0);
    for (const { message, extensions } of errors)
      expect([message, extensions]).toEqual(["Lost.", { code: "LOST", service: "people" }]);
  });

  test.each([401, 403, 500, 503])("counts with a status of %i, as with 400", async (status) => {
    subgraphs.get("library")!.misbehave = answerWith(
      JSON.stringify({
        errors: [{ message: "Closed for today.", extensions: { code: "MAINTENANCE", internal: "10.0.0.7" } }],
      }),
      status,
    );
    const { data, errors } = await ask(gateway.url, `{ book(id: "b1") { title } people { born } }`);
    expect(data.book).toBeNull();
    expect(data.people).toHaveLength(2);
    expect(errors).toEqual([
      {
        message: "Closed for today.",
        path: ["book"],
        extensions: { code: "MAINTENANCE", service: "library" },
      },
    ]);
  });

  test("about a value that the client wrote is the client's", async () => {
    subgraphs.get("library")!.misbehave = answerWith(
      `{"errors":[{"message":"Variable \\"$isbn\\" got invalid value 1; no ISBN","extensions":{"code":"BAD_USER_INPUT"}}]}`,
      400,
    );
    const { data, errors } = await ask(
      gateway.url,
      `query ($isbn: Isbn) { book(id: "b1", isbn: $isbn) { title } }`,
      { variables: { isbn: 1 } },
    );
    expect(data).toEqual({ book: null });
    expect(errors).toEqual([
      {
        message: 'Variable "$isbn" got invalid value 1; no ISBN',
        path: ["book"],
        extensions: { code: "BAD_USER_INPUT", service: "library" },
      },
    ]);
  });
});

describe("data that does not fit the schema", () => {
  test("null for a field that is not nullable says which field it is, and whose", async () => {
    subgraphs.get("library")!.misbehave = answerWith(`{"data":{"book":{"title":null}}}`);
    const { data, errors } = await ask(gateway.url, `{ book(id: "b1") { title } }`);
    expect(data).toEqual({ book: null });
    expect(errors).toEqual([
      {
        message: 'The service "library" gave null for the non-null field Book.title.',
        path: ["book", "title"],
        extensions: { code: "SUBGRAPH_NULL_FOR_NON_NULL", service: "library" },
      },
    ]);
  });

  test("an entity that its service does not know says the same of its fields that are not nullable", async () => {
    subgraphs.get("people")!.misbehave = answerWith(`{"data":{"_entities":[null,{"name":"Two"}]}}`);
    const { data, errors } = await ask(gateway.url, `{ books { author { id name } } }`);
    expect(data.books.map((book: { author: unknown }) => book.author)).toEqual([
      null,
      { id: "a2", name: "Two" },
      null,
    ]);
    expect(errors).toEqual(
      [0, 2].map((at) => ({
        message: 'The service "people" gave null for the non-null field Author.name.',
        path: ["books", at, "author", "name"],
        extensions: { code: "SUBGRAPH_NULL_FOR_NON_NULL", service: "people" },
      })),
    );
    subgraphs.get("people")!.misbehave = answerWith(`{"data":{"_entities":[null]}}`);
    expect(await ask(gateway.url, `{ book(id: "b1") { author { id born } } }`)).toMatchObject({
      data: { book: { author: { id: "a1", born: null } } },
      errors: [],
    });
  });

  test.each([
    ["a text for an object", `{"book":"b1","books":[]}`, ["book"]],
    ["a list for an object", `{"book":[1],"books":[]}`, ["book"]],
    ["an object with a type that is none", `{"book":{"__typename":7,"title":"One"},"books":[]}`, ["book"]],
    ["an object for a text", `{"book":{"title":{}},"books":[]}`, ["book", "title"]],
  ])("%s is null, with an error at its place", async (_, data, path) => {
    subgraphs.get("library")!.misbehave = answerWith(`{"data":${data}}`);
    const answer = await ask(gateway.url, `{ book(id: "b1") { title } books { title } }`);
    expect(answer.data).toEqual({ book: null, books: [] });
    expect(answer.errors).toEqual([
      {
        message: expect.any(String),
        path,
        extensions: { code: "SUBGRAPH_INVALID_RESPONSE", service: "library" },
      },
    ]);
  });
});

test("a subgraph's calls, their statuses and codes are in the log; variables and texts are not", async () => {
  subgraphs.get("people")!.misbehave = answerWith("no", 500);
  const { headers } = await ask(
    gateway.url,
    `query Logged($id: ID!) { book(id: $id) { title author { born } } }`,
    { variables: { id: "b2" } },
  );
  const line = await gateway.logged((each) => each["operation"] === "Logged");
  expect(line).toMatchObject({
    msg: "request",
    requestId: headers.get("x-request-id"),
    status: 200,
    errorCodes: ["SUBGRAPH_HTTP_ERROR"],
    subgraphCalls: [
      { service: "library", status: 200 },
      { service: "people", status: 500, code: "SUBGRAPH_HTTP_ERROR" },
    ],
  });
  // A word of its own: a request's id may have the two characters in it.
  expect(JSON.stringify(line)).not.toMatch(/\bb2\b/);
});

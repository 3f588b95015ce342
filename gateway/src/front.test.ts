import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { buildSchema } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FrontFixture, type RawRequest, sdl, startFront } from "./front.fixture.ts";

describe.each([false, true])("over connections that are kept: %s", (keepAlive) => {
  let front: FrontFixture;
  beforeAll(async () => void (front = await startFront({ keepAlive })));
  afterAll(() => front.stop());

  const json = (body: unknown): RawRequest => ({ body: JSON.stringify(body) });
  const hello = "{ hello }";
  const named = 'query A { hello } query B { hello(name: "b") } mutation C { act }';
  const sized = "query ($size: Int) { hello(size: $size) }";
  const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
  const persisted = (text: string, version = 1) => ({
    persistedQuery: { version, sha256Hash: hashOf(text) },
  });

  /** Sends a request again and again: the first ones go through Apollo Server, those after it need not. */
  async function again(request: RawRequest, to = front) {
    const first = await to.ask(request);
    await to.ask(request);
    const before = { ...to.counts };
    const last = await to.ask(request);
    const { long, short, node } = to.counts;
    const counted = { long: long - before.long, short: short - before.short };
    return { first, last, ...counted, node: node - before.node };
  }

  describe("answered past Apollo Server, and not to be told from its own answer", () => {
    const cases: Record<string, RawRequest> = {
      "a query": json({ query: hello }),
      "a mutation": json({ query: "mutation { act }" }),
      "one operation of several": json({ query: named, operationName: "B" }),
      "a mutation of several": json({ query: named, operationName: "C" }),
      variables: json({ query: sized, variables: { size: 3 } }),
      "variables that the operation does not have": json({
        query: hello,
        variables: { other: { deep: [1] } },
      }),
      "members that are null": json({ query: hello, variables: null, operationName: null, extensions: null }),
      "members that nobody knows": json({ query: hello, id: 7 }),
      extensions: json({ query: hello, extensions: { clientLibrary: { name: "x" } } }),
      "a charset": {
        ...json({ query: hello }),
        headers: { "content-type": "application/json; charset=utf-8" },
      },
      "text in other scripts": json({ query: `${hello} # Größe` }),
      "white space around": { body: ` ${JSON.stringify({ query: hello })}\n` },
      "any media type taken": { ...json({ query: hello }), headers: { accept: "*/*" } },
      "the other media type": {
        ...json({ query: hello }),
        headers: { accept: "application/graphql-response+json" },
      },
      "a preference among media types": {
        ...json({ query: hello }),
        headers: { accept: "application/graphql-response+json, application/json;q=0.9" },
      },
      "a long answer": json({ query: sized, variables: { size: 60_000 } }),
      "compression taken, for a short answer": {
        ...json({ query: hello }),
        headers: { "accept-encoding": "gzip" },
      },
      "compression taken, for a long answer": {
        ...json({ query: sized, variables: { size: 60_000 } }),
        headers: { "accept-encoding": "gzip, br" },
      },
      "a context that takes time": { ...json({ query: hello }), headers: { authorization: "later" } },
      "a connection that is to be closed": { ...json({ query: hello }), headers: { connection: "close" } },
    };
    /** Those that node:http reads, or answers, also where connections are kept. */
    const byNode = new Set(["a connection that is to be closed", "compression taken, for a long answer"]);
    test.each(Object.entries(cases))("%s", async (name, request) => {
      const { first, last, long, short, node } = await again({
        ...request,
        headers: { "x-request-id": "r", ...request.headers },
      });
      expect(first.status).toBe(200);
      expect(last).toEqual(first);
      expect({ long, short }).toEqual({ long: 0, short: 1 });
      expect(node).toBe(keepAlive && !byNode.has(name) ? 0 : 1);
    });

    test("a persisted query, once it is", async () => {
      const query = "query Persisted { hello }";
      const byHash = json({ extensions: persisted(query) });
      expect((await front.ask(byHash)).body.toString()).toContain("PersistedQueryNotFound");
      const register = await again(json({ query, extensions: persisted(query) }));
      expect([register.first.status, register.short]).toEqual([200, 0]);
      const { first, last, long, short } = await again(byHash);
      expect(last).toEqual(first);
      expect(first).toEqual(register.first);
      expect({ long, short }).toEqual({ long: 0, short: 1 });
    });

    test("with a context of its own, whose id is the request's", async () => {
      const ids = await Promise.all(
        ["one", "two"].map(
          async (id) =>
            (await front.ask({ ...json({ query: hello }), headers: { "x-request-id": id } })).headers[
              "x-request-id"
            ],
        ),
      );
      expect(ids).toEqual(["one", "two"]);
    });
  });

  describe("left to Apollo Server, however often it comes", () => {
    const cases: Record<string, [status: number, request: RawRequest]> = {
      "a result with errors": [200, json({ query: "{ broken }" })],
      "a result with errors and no data": [400, json({ query: "{ nothing }" })],
      "an operation that fails unforeseen": [500, json({ query: "{ throws }" })],
      "no operation of that name": [400, json({ query: named, operationName: "D" })],
      "an operation name that is empty": [400, json({ query: hello, operationName: "" })],
      "several operations and no name": [400, json({ query: named })],
      "a document that is not valid": [400, json({ query: "{ helo }" })],
      "a document that is none": [400, json({ query: "{ hello" })],
      "an empty query": [400, json({ query: "" })],
      "no query": [400, json({ variables: {} })],
      "a query that is no text": [400, json({ query: 7 })],
      "a body that is a list": [400, json([{ query: hello }])],
      "a body that is no object": [400, json("hello")],
      "variables that are a text": [400, json({ query: hello, variables: "{}" })],
      "variables that are a list": [400, json({ query: hello, variables: [] })],
      "extensions that are a text": [400, json({ query: hello, extensions: "{}" })],
      "an operation name that is no text": [400, json({ query: hello, operationName: 7 })],
      "a persisted query that is not known": [200, json({ extensions: persisted("{ other }") })],
      "a persisted query with another text": [
        400,
        json({ query: hello, extensions: persisted("{ other }") }),
      ],
      "a persisted query of another version": [400, json({ extensions: persisted(hello, 2) })],
      "a persisted query that is none": [400, json({ extensions: { persistedQuery: true } })],
      "no JSON": [400, { body: "{" }],
      "an empty body": [400, { body: "" }],
      "a member that changes prototypes": [
        400,
        { body: `{"query":"${hello}","variables":{"__proto__":{}}}` },
      ],
      "a body that is too large": [413, json({ query: hello, pad: "x".repeat(20_000) })],
      "a body that is compressed": [
        415,
        {
          body: gzipSync(JSON.stringify({ query: hello })).toString("latin1"),
          headers: { "content-encoding": "gzip" },
        },
      ],
      "a body in chunks": [200, { ...json({ query: hello }), headers: { "transfer-encoding": "chunked" } }],
      "another charset": [
        415,
        { ...json({ query: hello }), headers: { "content-type": "application/json; charset=latin1" } },
      ],
      "a content type in capitals": [
        200,
        { ...json({ query: hello }), headers: { "content-type": "Application/JSON" } },
      ],
      "another content type": [
        415,
        { ...json({ query: hello }), headers: { "content-type": "application/graphql" } },
      ],
      "no media type that could be answered": [
        406,
        { ...json({ query: hello }), headers: { accept: "image/png" } },
      ],
      "a query in the URL": [
        200,
        {
          method: "GET",
          path: "/graphql?query={hello}",
          headers: { "content-type": undefined, "apollo-require-preflight": "1" },
        },
      ],
      "a mutation in the URL": [
        405,
        {
          method: "GET",
          path: "/graphql?query=mutation{act}",
          headers: { "content-type": undefined, "apollo-require-preflight": "1" },
        },
      ],
      "a URL with a search": [200, { ...json({ query: hello }), path: "/graphql?x" }],
      "another method": [405, { ...json({ query: hello }), method: "PUT" }],
      "another path": [404, { ...json({ query: hello }), path: "/graphq" }],
      "a token that is refused": [401, { ...json({ query: hello }), headers: { authorization: "bad" } }],
      "a token that is refused later": [
        401,
        { ...json({ query: hello }), headers: { authorization: "bad later" } },
      ],
      "two Authorization headers": [
        400,
        { ...json({ query: hello }), headers: { Authorization: ["later", "bad"] } },
      ],
      "two Authorization headers, equal": [
        400,
        { ...json({ query: hello }), headers: { Authorization: ["later", "later"] } },
      ],
    };

    test.each(Object.entries(cases))("%s", async (_, [status, request]) => {
      // Known, so that nothing but the request's peculiarity keeps it from being answered at once.
      await again(json({ query: hello }));
      const { first, last, short } = await again({
        ...request,
        headers: { "x-request-id": "r", ...request.headers },
      });
      expect([first.status, first.body.toString()]).toEqual([status, expect.any(String)]);
      expect(last).toEqual(first);
      expect(short).toBe(0);
    });

    // A token that was refused on the fast path was verified a second time by the fallback.
    test.each(["bad", "bad later"])("a refusal is found once: %s", async (authorization) => {
      await again(json({ query: hello }));
      const before = front.counts.contexts;
      const { status } = await front.ask({ ...json({ query: hello }), headers: { authorization } });
      expect({ status, contexts: front.counts.contexts - before }).toEqual({ status: 401, contexts: 1 });
    });

    test("a result with errors is that of one run", async () => {
      const before = front.counts.run;
      for (let count = 0; count < 3; count++) await front.ask(json({ query: "query Once { broken }" }));
      expect(front.counts.run - before).toBe(3);
    });
  });

  test("with CORS, answers have the headers for the page that asks", async () => {
    const other = await startFront({ corsOrigins: ["https://a.example", "https://b.example"] });
    try {
      for (const origin of ["https://a.example", "https://evil.example", undefined]) {
        const { first, last, short } = await again({ ...json({ query: hello }), headers: { origin } }, other);
        expect(last).toEqual(first);
        expect(short).toBe(1);
        expect(last.headers["access-control-allow-origin"]).toBe(
          origin === "https://a.example" ? origin : undefined,
        );
      }
    } finally {
      await other.stop();
    }
  });

  test("a plugin that has to see every request sees every request", async () => {
    let seen = 0;
    const plugin = {
      async requestDidStart() {
        seen++;
      },
    };
    const other = await startFront({ plugins: [{ plugin, onShortAnswer: null }] });
    try {
      expect(await again(json({ query: hello }), other)).toMatchObject({ long: 1, short: 0 });
      expect(seen).toBe(3);
    } finally {
      await other.stop();
    }
  });

  test("an operation is validated again for another schema", async () => {
    const other = await startFront({ keepAlive });
    try {
      expect(await again(json({ query: hello }), other)).toMatchObject({ short: 1 });
      other.swap(buildSchema(sdl.replace("hello(", "hallo(")));
      expect((await other.ask(json({ query: hello }))).status).toBe(400);
      other.swap(buildSchema(sdl));
      expect(await again(json({ query: hello }), other)).toMatchObject({ first: { status: 200 }, short: 1 });
    } finally {
      await other.stop();
    }
  });

  test("a plugin that fails about an answer does no harm to it", async () => {
    const plugin = { async requestDidStart() {} };
    const onShortAnswer = () => {
      throw new Error("unforeseen");
    };
    const other = await startFront({ plugins: [{ plugin, onShortAnswer }] });
    try {
      const { first, last, short } = await again(json({ query: hello }), other);
      expect(last).toEqual(first);
      expect(short).toBe(1);
      expect(other.unforeseen.map(({ message }) => message)).toEqual(["unforeseen", "unforeseen"]);
    } finally {
      await other.stop();
    }
  });
});

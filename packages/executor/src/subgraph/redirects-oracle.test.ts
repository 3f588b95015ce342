import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type GraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, TRANSPORTS } from "../transport/transports.fixture.ts";
import { SubgraphDataSource } from "./subgraph-data-source.ts";

// Apollo's RemoteGraphQLDataSource is the oracle: what it makes of each redirect, ours makes of it as well, save the
// differences below.

const NOTED = ["authorization", "cookie", "proxy-authorization", "x-tenant", "content-type"] as const;

/** One HTTP request that came in at one of the servers. */
interface Hop {
  readonly server: string;
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** What a data source made of a case, and what it sent for it. */
interface Outcome {
  readonly hops: readonly Hop[];
  readonly answer?: unknown;
  readonly failure?: { readonly message: string; readonly extensions?: unknown };
}

/** What the servers do now. */
let current: { readonly status: number; readonly place: Place; readonly target: Target; hops: Hop[] };
const servers: Server[] = [];
let ports: { readonly subgraph: number; readonly other: number };

beforeAll(async () => {
  ports = { subgraph: await start("subgraph"), other: await start("other") };
});

afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function start(name: string): Promise<number> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method, url: path, headers } = request;
      const body = Buffer.concat(pieces).toString("utf8");
      const host = `${name} as ${headers.host?.split(":")[0]}`;
      current.hops.push({ server: host, method, path, headers: noted(headers), body });
      const location = name === "subgraph" ? current.place.next(path ?? "", ports) : null;
      if (location === null) {
        const { status, type, text } = current.target;
        response.writeHead(status, { "content-type": type }).end(text);
      } else {
        response.writeHead(current.status, location === undefined ? {} : { location }).end("Elsewhere.");
      }
    });
  });
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return (server.address() as AddressInfo).port;
}

function noted(headers: IncomingHttpHeaders): Readonly<Record<string, unknown>> {
  return Object.fromEntries(NOTED.map((name) => [name, headers[name]]));
}

interface Place {
  /** Where the subgraph redirects a request for a path to; undefined for nowhere, null where it answers. */
  readonly next: (path: string, at: typeof ports) => string | undefined | null;
  /** Whether it comes to no answer, so that one is as good as another. */
  readonly isEndless?: boolean;
}

/** Redirects the subgraph's own path once. */
const once = (location: (at: typeof ports) => string | undefined): Place => ({
  next: (path, at) => (path === "/graphql?a=b" ? location(at) : null),
});

const PLACES: Readonly<Record<string, Place>> = {
  "an absolute path": once(() => "/new?c=d"),
  "a relative path": once(() => "new/place"),
  "a query alone": once(() => "?other"),
  "a path with a fragment": once(() => "/new#part"),
  "a path beyond ASCII": once(() => "/n%C3%A9w"),
  "the same origin": once(({ subgraph }) => `http://127.0.0.1:${subgraph}/new`),
  "no protocol": once(({ other }) => `//127.0.0.1:${other}/new`),
  "another port": once(({ other }) => `http://127.0.0.1:${other}/new`),
  "a name and a password": once(({ subgraph }) => `http://name:word@127.0.0.1:${subgraph}/new`),
  "another host": once(({ other }) => `http://localhost:${other}/new`),
  "another host, by two redirects": {
    next: (path, { subgraph, other }) =>
      path === "/graphql?a=b"
        ? `http://localhost:${subgraph}/between`
        : path === "/between"
          ? `http://127.0.0.1:${other}/new`
          : null,
  },
  "no Location": once(() => undefined),
  "an empty Location": { next: () => "", isEndless: true },
  "what is no URL": once(() => "http://:a"),
  "what is not HTTP": once(() => "ftp://127.0.0.1/new"),
  "data in the Location": once(() => 'data:application/json,{"data":{"a":2}}'),
  "a file": once(() => "file:///etc/hostname"),
  "itself, for ever": { next: () => "/graphql?a=b", isEndless: true },
  "two that redirect to each other": {
    next: (path) => (path === "/one" ? "/two" : "/one"),
    isEndless: true,
  },
  "20 after each other": chain(20),
  "21 after each other": chain(21),
};

function chain(length: number): Place {
  return {
    next(path) {
      const count = path.startsWith("/step") ? Number(path.slice(5)) : 0;
      return count < length ? `/step${count + 1}` : null;
    },
  };
}

interface Target {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const TARGETS: Readonly<Record<string, Target>> = {
  data: { status: 200, type: "application/json", text: '{"data":{"a":1}}' },
  errors: { status: 200, type: "application/json", text: '{"errors":[{"message":"Lost."}]}' },
  "a refusal": { status: 403, type: "application/json", text: '{"errors":[{"message":"No."}]}' },
  "an error of HTTP": { status: 502, type: "text/html", text: "<p>Oops" },
  "no JSON": { status: 200, type: "text/html", text: "<p>Welcome" },
  "broken JSON": { status: 200, type: "application/json", text: '{"data":' },
};

const OPERATIONS = {
  "a query": { query: "query Q($a: Int) { a }", operationName: "Q", variables: { a: 1 } },
  "a query beyond ASCII": { query: "{ a }", variables: { a: "é😀" } },
  "a mutation": { query: "mutation { a }" },
  "a query with its hash": {
    query: "{ a }",
    extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } },
  },
};

async function run(source: GraphQLDataSource, request: object): Promise<Outcome> {
  current.hops = [];
  const headers = new Headers({
    authorization: "Bearer t",
    cookie: "a=b",
    "proxy-authorization": "Basic p",
    "x-tenant": "one",
  });
  try {
    const { http: _http, ...answer } = await source.process({
      // An enum that is not exported as a value.
      kind: "loading schema" as never,
      request: { ...request, http: { method: "POST", url: "", headers } },
      context: {},
    });
    return { hops: current.hops, answer };
  } catch (error) {
    const { message, extensions } = error as Error & { readonly extensions?: object };
    return { hops: current.hops, failure: { message, ...(extensions === undefined ? {} : { extensions }) } };
  }
}

/** What is meant to be another: why, and what ours is where stock's is this. */
interface MeantDifference {
  readonly name: string;
  readonly because: string;
  readonly places: readonly string[];
  readonly ours: (stock: Outcome) => Outcome;
}

const DIFFERENCES: readonly MeantDifference[] = [
  {
    name: "credentials stay with their origin",
    because:
      "Stock compares hosts alone, so that a token goes to whatever listens at another port; and does not know proxy-authorization.",
    places: ["another port", "no protocol", "another host", "another host, by two redirects"],
    ours: (stock) => ({
      ...stock,
      hops: stock.hops.map((hop, index) =>
        index === 0
          ? hop
          : {
              ...hop,
              headers: {
                ...hop.headers,
                authorization: undefined,
                cookie: undefined,
                "proxy-authorization": undefined,
              },
            },
      ),
    }),
  },
  {
    name: "a place that is no URL of HTTP is said to be that",
    because: "Stock says what its parts throw: Invalid URL, or Only HTTP(S) protocols are supported.",
    places: ["what is no URL", "what is not HTTP", "data in the Location", "a file"],
    ours: (stock) => ({
      ...stock,
      failure: {
        message: `redirect location is no URL of HTTP for: http://127.0.0.1:${ports.subgraph}/graphql?a=b`,
      },
    }),
  },
];

const FOLLOWED = [301, 302, 303, 307, 308];
const STATUSES = [...FOLLOWED, 300, 304, 305];

/** Every place with every operation and, where there is an answer, every one of these. */
function* cases() {
  for (const [place, { isEndless = false }] of Object.entries(PLACES))
    for (const [operation, request] of Object.entries(OPERATIONS))
      for (const [answer, target] of Object.entries(TARGETS).slice(0, isEndless ? 1 : undefined))
        yield { name: `${operation}, ${place}, ${answer}`, place, target, request };
}

describe.each(TRANSPORTS)("over $name", ({ create }) => {
  test.each(STATUSES)("a redirect with status %i is followed as by stock", async (status) => {
    const transport = create();
    cleanUp(transport.close);
    const url = `http://127.0.0.1:${ports.subgraph}/graphql?a=b`;
    const ours = new SubgraphDataSource({ url, transport });
    const stock = new RemoteGraphQLDataSource({ url });
    const met = new Set<string>();
    for (const { name, place, target, request } of cases()) {
      current = { status, place: PLACES[place] as Place, target, hops: [] };
      const theirs = await run(stock, request);
      let expected = theirs;
      for (const difference of DIFFERENCES) {
        if (!difference.places.includes(place) || !FOLLOWED.includes(status)) continue;
        expected = difference.ours(expected);
        // A difference that is none is not to be listed.
        expect(expected, difference.name).not.toEqual(theirs);
        met.add(difference.name);
      }
      expect({ name, ...(await run(ours, request)) }).toEqual({ name, ...expected });
    }
    expect(met.size).toBe(FOLLOWED.includes(status) ? DIFFERENCES.length : 0);
  });
});

import { decodeJwt } from "jose";
import { createIdentityVerifier, createKeySet } from "@tributary/subgraph-kit/identity";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  ask,
  compose,
  createFolder,
  createIssuerFixture,
  type GatewayProcess,
  type RunningSubgraph,
  startGatewayProcess,
  startSubgraph,
  type SubgraphFixture,
} from "./gateway.fixture.ts";

const things = [
  { __typename: "Toy", id: "t", label: "toy" },
  { __typename: "Secret", id: "s", label: "secret label", code: "hidden" },
];

const accounts: SubgraphFixture = {
  name: "accounts",
  sdl: `
    type Query { me: User users: [User!] @policy(policies: [["staff"]]) things: [Thing!] found: [Found] secrets: [Secret!] }
    type Mutation { wipe: Boolean @requiresScopes(scopes: [["wipe"]]) rename(name: String!): User @authenticated }
    type User @key(fields: "id") { id: ID! name: String! phone: String @requiresScopes(scopes: [["phone"]]) level: Level }
    enum Level @authenticated { LOW }
    interface Thing { id: ID! label: String }
    union Found = Toy | Secret
    type Toy implements Thing { id: ID! label: String }
    type Secret implements Thing @requiresScopes(scopes: [["secret"]]) { id: ID! label: String code: String }
  `,
  resolvers: {
    Query: {
      me: () => ({ id: "1", name: "Ann", phone: "555", level: "LOW" }),
      users: () => [{ id: "1", name: "Ann", phone: "555" }],
      things: () => things,
      found: () => things,
      secrets: () => [{ id: "s", label: "secret label", code: "hidden" }],
    },
    Mutation: {
      wipe: () => true,
      rename: (_: unknown, { name }: { name: string }) => ({ id: "1", name, phone: "555" }),
    },
    User: { __resolveReference: ({ id }: { id: string }) => ({ id, name: "Ann", phone: "555" }) },
  },
};

const money: SubgraphFixture = {
  name: "money",
  sdl: `
    type Query { rate: Int }
    type User @key(fields: "id") { id: ID! credit: Int! @requiresScopes(scopes: [["credit"]]) debt: Int @requiresScopes(scopes: [["credit"]]) owner: User }
  `,
  resolvers: {
    Query: { rate: () => 3 },
    User: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      credit: () => 10,
      debt: () => 2,
      owner: () => ({ id: "1" }),
    },
  },
};

const policies = '{ "staff": { "claim": "roles", "anyOf": ["support"] } }';

let folder: Awaited<ReturnType<typeof createFolder>>;
let issuer: Awaited<ReturnType<typeof createIssuerFixture>>;
let gateway: GatewayProcess;
let flags: string[];
const subgraphs: RunningSubgraph[] = [];
/** All operations that subgraphs were sent since the test began. */
const sent = () =>
  subgraphs.flatMap(({ name, received }) => received.map(({ body }) => `${name}: ${body.query}`));

beforeAll(async () => {
  folder = await createFolder();
  issuer = await createIssuerFixture();
  for (const fixture of [accounts, money]) subgraphs.push(await startSubgraph(fixture));
  const supergraph = compose(
    [accounts, money].map((fixture, at) => ({ ...fixture, url: subgraphs[at]!.url })),
  );
  flags = [
    "--supergraph",
    await folder.write("supergraph.graphql", supergraph),
    "--policies",
    await folder.write("policies.json", policies),
    ...issuer.flags(await folder.write("jwks.json", issuer.jwks)),
  ];
  gateway = await startGatewayProcess(flags);
});

beforeEach(() => {
  for (const subgraph of subgraphs) subgraph.received.length = 0;
});

afterAll(async () => {
  await gateway.stop();
  for (const subgraph of subgraphs) await subgraph.stop();
  await folder.remove();
});

const denied = (...paths: (string | number)[][]) =>
  paths.map((path) => ({
    message: "You may not see this field or type.",
    path,
    extensions: { code: "UNAUTHORIZED_FIELD_OR_TYPE" },
  }));

describe("a field that the caller may not see", () => {
  test("is null with an error at its path, and no subgraph was asked for it", async () => {
    const { status, data, errors, text } = await ask(gateway.url, `{ me { phone name level debt } rate }`);
    expect(status).toBe(200);
    expect(data).toEqual({ me: { phone: null, name: "Ann", level: null, debt: null }, rate: 3 });
    expect(errors).toEqual(denied(["me", "phone"], ["me", "level"], ["me", "debt"]));
    expect(text.indexOf('"phone"')).toBeLessThan(text.indexOf('"name"'));
    expect(sent().join()).not.toMatch(/phone|level|debt/);
  });

  test("takes its parent along where it is not nullable", async () => {
    const { data, errors } = await ask(gateway.url, `{ me { name credit } rate }`);
    expect(data).toEqual({ me: null, rate: 3 });
    expect(errors).toEqual(denied(["me", "credit"]));
    expect(sent().join()).not.toContain("credit");
  });

  test("comes with the scope for it, for the same operation", async () => {
    const query = `{ me { name phone credit } }`;
    const without = await issuer.token({ sub: "u", scope: "phone" });
    const with_ = await issuer.token({ sub: "u", scope: "phone credit" });
    expect((await ask(gateway.url, query, { token: without })).data).toEqual({ me: null });
    expect((await ask(gateway.url, query, { token: with_ })).data).toEqual({
      me: { name: "Ann", phone: "555", credit: 10 },
    });
    expect((await ask(gateway.url, query, { token: without })).data).toEqual({ me: null });
  });

  test("comes with the policy for it", async () => {
    const token = await issuer.token({ sub: "u", roles: ["support"] });
    expect((await ask(gateway.url, `{ users { name } }`, { token })).data).toEqual({
      users: [{ name: "Ann" }],
    });
    const clerk = await issuer.token({ sub: "u", roles: ["clerk"] });
    expect((await ask(gateway.url, `{ users { name } }`, { token: clerk })).errors).toEqual(
      denied(["users"]),
    );
  });

  test("as all of an operation asks no subgraph at all", async () => {
    const { data, errors } = await ask(gateway.url, `{ users { name } all: users { id } }`);
    expect(data).toEqual({ users: null, all: null });
    expect(errors).toEqual(denied(["users"], ["all"]));
    expect(sent()).toEqual([]);
  });

  test("below an entity of another service is not asked for there", async () => {
    const token = await issuer.token({ sub: "u", scope: "credit" });
    const { data, errors } = await ask(gateway.url, `{ me { owner { phone debt } } }`, { token });
    expect(data).toEqual({ me: { owner: { phone: null, debt: 2 } } });
    expect(errors).toEqual(denied(["me", "owner", "phone"]));
    expect(sent().join()).not.toContain("phone");
  });

  test("stays hidden behind aliases, fragments and variables", async () => {
    const query = `query ($yes: Boolean!, $no: Boolean!) {
      me { ...F ... on User @include(if: $yes) { b: phone } c: phone @include(if: $no) d: phone @skip(if: $yes) }
    }
    fragment F on User { a: phone ...G }
    fragment G on User { name: phone }`;
    const { data, errors } = await ask(gateway.url, query, { variables: { yes: true, no: false } });
    expect(data).toEqual({ me: { a: null, name: null, b: null } });
    expect(errors).toEqual(denied(["me", "a"], ["me", "name"], ["me", "b"]));
    expect(sent().join()).not.toContain("phone");
  });
});

test("fragments that introspection alone uses were lost where something else was denied", async () => {
  const query = `{ __type(name: "User") { ...N fields { ...F } } __schema { queryType { ...N ...N } } me { id phone } }
    fragment N on __Type { name ...K }
    fragment K on __Type { kind }
    fragment F on __Field { name type { ...N } }`;
  const { status, data, errors } = await ask(gateway.url, query);
  expect([status, errors]).toEqual([200, denied(["me", "phone"])]);
  expect(data).toMatchObject({
    __type: { name: "User", kind: "OBJECT" },
    __schema: { queryType: { name: "Query", kind: "OBJECT" } },
    me: { id: "1", phone: null },
  });
  expect(data.__type.fields[0]).toMatchObject({ name: "id", type: { kind: "NON_NULL" } });
});

describe("an object of a type that the caller may not see", () => {
  test("is null, whatever was asked of it, while others come", async () => {
    const { data, errors, text } = await ask(
      gateway.url,
      `{ rate found { __typename ... on Toy { label } } }`,
    );
    expect(data).toEqual({ rate: 3, found: [{ __typename: "Toy", label: "toy" }, null] });
    expect(errors).toEqual(denied(["found", 1]));
    expect(text).not.toContain("Secret");
  });

  test("keeps its interface from coming: the composer asks there for what the type asks for", async () => {
    const { data, errors } = await ask(gateway.url, `{ things { label } secrets { code } rate }`);
    expect(data).toEqual({ things: null, secrets: null, rate: 3 });
    expect(errors).toEqual(denied(["things"], ["secrets"]));
    expect(sent().join()).not.toMatch(/things|label|code/);
  });

  test("comes with the scope for it", async () => {
    const token = await issuer.token({ sub: "u", scope: "secret" });
    const { data } = await ask(gateway.url, `{ things { label ... on Secret { code } } secrets { code } }`, {
      token,
    });
    expect(data).toEqual({
      things: [{ label: "toy" }, { label: "secret label", code: "hidden" }],
      secrets: [{ code: "hidden" }],
    });
  });
});

test("a mutation that the caller may not do is not done", async () => {
  const { data, errors } = await ask(gateway.url, `mutation { wipe rename(name: "x") { id } }`);
  expect(data).toEqual({ wipe: null, rename: null });
  expect(errors).toEqual(denied(["wipe"], ["rename"]));
  expect(sent()).toEqual([]);
  const token = await issuer.token({ sub: "u" });
  const allowed = await ask(gateway.url, `mutation { wipe rename(name: "x") { name phone } }`, { token });
  expect(allowed.data).toEqual({ wipe: null, rename: { name: "x", phone: null } });
  expect(sent().join()).not.toMatch(/wipe|phone/);
});

describe("a token that is no good is refused with HTTP 401", () => {
  test.each<[string, string, () => Promise<string>]>([
    ["text", "malformed", async () => "Bearer nonsense"],
    ["another scheme", "malformed", async () => "Basic YTpi"],
    ["nothing", "malformed", async () => "Bearer"],
    ["expired", "expired", async () => `Bearer ${await issuer.token({ sub: "u" }, "-1m")}`],
    ["of another issuer", "issuer", async () => `Bearer ${await issuer.token({ sub: "u" }, "1h", "x")}`],
    ["without a user", "claims", async () => `Bearer ${await issuer.token({ scope: "phone" })}`],
    ["of an empty user", "claims", async () => `Bearer ${await issuer.token({ sub: "" })}`],
    ["of a user that is a number", "claims", async () => `Bearer ${await issuer.token({ sub: 7 })}`],
    [
      "signed by somebody else",
      "key",
      async () => `Bearer ${await (await createIssuerFixture()).token({ sub: "u" })}`,
    ],
    [
      "changed after it was signed",
      "signature",
      async () => {
        const [head, , signature] = (await issuer.token({ sub: "u" })).split(".");
        const [, payload] = (await issuer.token({ sub: "admin", scope: "phone credit wipe" })).split(".");
        return `Bearer ${head}.${payload}.${signature}`;
      },
    ],
  ])("%s: %s", async (_, reason, header) => {
    const authorization = await header();
    const { status, headers, data, errors, text } = await ask(gateway.url, `{ rate }`, {
      headers: { authorization },
    });
    expect(status).toBe(401);
    // RFC 6750, section 3: without an error where there is no bearer token.
    expect(headers.get("www-authenticate")).toBe(
      authorization.startsWith("Basic")
        ? "Bearer"
        : `Bearer error="invalid_token", error_description="${errors[0]?.message.replaceAll(/["\\]/g, "")}"`,
    );
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      { message: expect.any(String), extensions: { code: "UNAUTHENTICATED", reason } },
    ]);
    expect(text).not.toContain(authorization.split(".")[1] ?? "nonsense");
    expect(sent()).toEqual([]);
  });

  test("unless it expired no longer ago than clocks may differ", async () => {
    const token = await issuer.token({ sub: "u" }, "-2s");
    expect((await ask(gateway.url, `{ rate }`, { token })).status).toBe(200);
  });
});

describe("a subgraph is told who asks by a token", () => {
  const tokenAt = (name: string) => {
    const { received } = subgraphs.find((each) => each.name === name)!;
    return received.at(-1)!.headers.authorization!;
  };

  test("for itself alone, that the gateway's published keys verify, and never by the client's", async () => {
    const token = await issuer.token({ sub: "u", scope: "credit", roles: ["support"] });
    await ask(gateway.url, `{ me { debt } }`, { token });
    for (const name of ["accounts", "money"]) {
      const authorization = tokenAt(name);
      expect(authorization).not.toContain(token);
      const keys = createKeySet(`${gateway.url}/.well-known/jwks.json`);
      const identity = await createIdentityVerifier({ keys, audience: name })(authorization);
      expect(identity.subject).toBe("u");
      expect([...identity.scopes]).toEqual(["credit"]);
      expect(identity.claims["roles"]).toEqual(["support"]);
      await expect(createIdentityVerifier({ keys, audience: "other" })(authorization)).rejects.toThrow(
        "another audience",
      );
    }
  });

  test("that speaks of nobody where nobody is signed in", async () => {
    await ask(gateway.url, `{ rate }`);
    const claims = decodeJwt(tokenAt("money").replace("Bearer ", ""));
    expect(claims).toMatchObject({ iss: "tributary-gateway", aud: "money", scope: "", claims: {} });
    expect(claims).not.toHaveProperty("sub");
  });

  test("that is the same again for the same user, and another for another", async () => {
    const [one, two] = [await issuer.token({ sub: "one" }), await issuer.token({ sub: "two" })];
    const seen: string[] = [];
    for (const token of [one, two, one]) {
      await ask(gateway.url, `{ rate }`, { token });
      seen.push(tokenAt("money"));
    }
    expect(seen[0]).toBe(seen[2]);
    expect(seen[0]).not.toBe(seen[1]);
  });

  test("and by no header of the client's", async () => {
    await ask(gateway.url, `{ rate }`, { headers: { "x-user": "admin", cookie: "a=b" } });
    const { headers } = subgraphs[1]!.received.at(-1)!;
    expect(Object.keys(headers).toSorted()).toEqual([
      "accept",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
      "x-request-id",
    ]);
  });
});

test("no token, ours or the client's, is ever in the log", async () => {
  const token = await issuer.token({ sub: "u", scope: "credit" });
  const { headers } = await ask(gateway.url, `{ me { debt } }`, { token });
  await ask(gateway.url, `{ me { debt } }`, { token: `${token}x` });
  await gateway.logged((line) => line["requestId"] === headers.get("x-request-id"));
  expect(gateway.output()).not.toContain("eyJ");
});

import { expect, test } from "vitest";
import { authStep, compareDemands } from "./auth.ts";
import { context } from "./context.fixture.ts";
import { diffStep } from "./diff.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@policy"])\n`;

/** A supergraph's start, with the directives under their usual names. */
const head = ["authenticated", "requiresScopes", "policy"]
  .map((name) => `@link(url: "https://specs.apollo.dev/${name}/v0.1", for: SECURITY)`)
  .join(" ");
const compare = (before: string, after: string) =>
  compareDemands(`schema ${head} { query: Query } ${before}`, `schema ${head} { query: Query } ${after}`).map(
    ({ kind, severity, code, coordinate, before: was, after: is }) =>
      `${severity} ${kind} ${code} ${coordinate}: ${was} -> ${is}`,
  );

test.each([
  ["nothing changed", "a: Int @authenticated", "a: Int @authenticated", []],
  [
    "signing in is asked for",
    "a: Int",
    "a: Int @authenticated",
    ["breaking AUTH_TIGHTENED", "nothing -> authenticated"],
  ],
  [
    "signing in is no longer asked for",
    "a: Int @authenticated",
    "a: Int",
    ["dangerous AUTH_LOOSENED", "authenticated -> nothing"],
  ],
  [
    "one more scope is asked for",
    'a: Int @requiresScopes(scopes: [["x"]])',
    'a: Int @requiresScopes(scopes: [["x", "y"]])',
    ["breaking AUTH_TIGHTENED", "authenticated and scope x -> authenticated and scope x and scope y"],
  ],
  [
    "another scope will do, too",
    'a: Int @requiresScopes(scopes: [["x"]])',
    'a: Int @requiresScopes(scopes: [["x"], ["y"]])',
    [
      "dangerous AUTH_LOOSENED",
      "authenticated and scope x -> authenticated and scope x, or authenticated and scope y",
    ],
  ],
  [
    "a scope is asked for in place of another",
    'a: Int @requiresScopes(scopes: [["x"]])',
    'a: Int @requiresScopes(scopes: [["y"]])',
    ["breaking AUTH_TIGHTENED", "authenticated and scope x -> authenticated and scope y"],
  ],
  [
    "a policy is asked for beside a scope",
    'a: Int @requiresScopes(scopes: [["x"]])',
    'a: Int @requiresScopes(scopes: [["x"]]) @policy(policies: [["p"]])',
    ["breaking AUTH_TIGHTENED", "authenticated and scope x -> authenticated and policy p and scope x"],
  ],
  [
    "what scopes imply is said, too",
    'a: Int @requiresScopes(scopes: [["x"]])',
    'a: Int @requiresScopes(scopes: [["x"]]) @authenticated',
    [],
  ],
  [
    "alternatives change places",
    'a: Int @requiresScopes(scopes: [["x", "y"], ["z"]])',
    'a: Int @requiresScopes(scopes: [["z"], ["y", "x"]])',
    [],
  ],
  ["the field is new", "a: Int", "a: Int b: Int @authenticated", []],
  ["the field is gone", "a: Int b: Int @authenticated", "a: Int", []],
])("%s", (_, before, after, expected) => {
  const [verdict, change] = expected;
  expect(compare(`type Query { ${before} }`, `type Query { ${after} }`)).toEqual(
    verdict === undefined ? [] : [`error ${verdict} Query.a: ${change}`],
  );
});

test("a demand that moves from a type to its fields is a change of the type alone", () => {
  const before = "type T @authenticated { a: Int b: Int }";
  const after = "type T { a: Int @authenticated b: Int @authenticated }";
  expect(compare(before, after)).toEqual(["error dangerous AUTH_LOOSENED T: authenticated -> nothing"]);
});

test("a field's demand counts with its type's", () => {
  const before = "type T @authenticated { a: Int }";
  expect(compare(before, "type T @authenticated { a: Int @authenticated }")).toEqual([]);
});

test("a directive that is imported under another name is the same", () => {
  const supergraph = (name: string) =>
    `schema @link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "${name}") { query: Query } type Query { a: Int @${name} }`;
  expect(compareDemands(supergraph("authenticated"), supergraph("signedIn"))).toEqual([]);
  expect(compareDemands(supergraph("signedIn"), "type Query { a: Int @signedIn }")).toHaveLength(1);
});

test("a directive of the same name that is not federation's demands nothing", () => {
  expect(compareDemands("type Query { a: Int }", "type Query { a: Int @authenticated }")).toEqual([]);
});

test("what changed is said with the line of the subgraph that changed it", async () => {
  const sdl = (demand: string) => `${link}type Query {\n  a: Int ${demand}\n}`;
  const { findings } = await authStep.run(
    context({
      base: { one: sdl("@shareable"), two: sdl("@shareable") },
      head: { one: sdl("@shareable"), two: sdl("@shareable @authenticated") },
    }),
  );
  expect(findings).toMatchObject([
    { code: "AUTH_TIGHTENED", places: [{ subgraph: "two", file: "two.graphql", line: 3, column: 3 }] },
  ]);
});

const federation = "https://specs.apollo.dev/federation/v2.9";
const imported = (name: string, as: string) =>
  `@link(url: "${federation}", import: ["@shareable", { name: "@${name}", as: "@${as}" }])`;

/** Every way in which a subgraph can name federation's directives. */
const namings: [name: string, federationLink: string, nameOf: (name: string) => string][] = [
  [
    "as they are",
    `@link(url: "${federation}", import: ["@authenticated", "@requiresScopes", "@policy"])`,
    (name) => name,
  ],
  [
    "by federation's prefix",
    `@link(url: "${federation}", import: ["@key"])`,
    (name) => `federation__${name}`,
  ],
  ["by another prefix", `@link(url: "${federation}", as: "fed")`, (name) => `fed__${name}`],
];

test.each(
  namings.flatMap(([naming, own, nameOf]) =>
    [
      ["authenticated", "", "authenticated"],
      ["requiresScopes", '(scopes: [["x"]])', "authenticated and scope x"],
      ["policy", '(policies: [["x"]])', "policy x"],
    ].map(([name = "", args = "", demand = ""]) => ({
      naming,
      name,
      args,
      demand,
      own,
      used: nameOf(name),
    })),
  ),
)("@$name named $naming was unseen: $used", async ({ own, used, args, demand }) => {
  const sdl = (directive: string) => `extend schema ${own}\ntype Query { a: Int ${directive} }`;
  await expectSeen(sdl(""), sdl(`@${used}${args}`), demand);
});

test.each([
  ["authenticated", "auth", "", "authenticated"],
  ["requiresScopes", "needs", '(scopes: [["x"]])', "authenticated and scope x"],
  ["policy", "rule__of", '(policies: [["x"]])', "policy x"],
  // The name of another one of federation's.
  ["authenticated", "policy", "", "authenticated"],
])("@%s imported as @%s was unseen", async (name, as, args, demand) => {
  const sdl = (directive: string) =>
    `extend schema ${imported(name, as)}\ntype Query { a: Int ${directive} }`;
  await expectSeen(sdl(""), sdl(`@${as}${args}`), demand);
});

test.each([
  ["type", "type Query { t: T } type T DEMAND { a: Int }"],
  ["enum", "type Query { t: T } enum T DEMAND { A }"],
  ["scalar", "type Query { t: T } scalar T DEMAND"],
])("a renamed demand of %s is seen", async (_, text) => {
  const sdl = (demand: string) =>
    `extend schema ${imported("authenticated", "auth")}\n${text.replace("DEMAND", demand)}`;
  await expectSeen(sdl(""), sdl("@auth"), "authenticated", "T");
});

test("another name for a directive that is there already changes nothing", async () => {
  const sdl = ([, own, nameOf]: (typeof namings)[number]) =>
    `extend schema ${own}\ntype Query { a: Int @${nameOf("authenticated")} b: [Int] @${nameOf("policy")}(policies: [["p"]]) }`;
  for (const before of namings) {
    for (const after of namings) {
      const both = context({ base: { one: sdl(before) }, head: { one: sdl(after) } });
      expect((await authStep.run(both)).findings).toEqual([]);
      expect((await diffStep.run(both)).findings).toEqual([]);
    }
  }
});

async function expectSeen(
  open: string,
  closed: string,
  demand: string,
  coordinate = "Query.a",
): Promise<void> {
  const change = (before: string, after: string) =>
    authStep.run(context({ base: { one: before }, head: { one: after } }));
  expect((await change(open, closed)).findings).toMatchObject([
    { code: "AUTH_TIGHTENED", coordinate, before: "nothing", after: demand, places: [{ subgraph: "one" }] },
  ]);
  expect((await change(closed, open)).findings).toMatchObject([
    { code: "AUTH_LOOSENED", coordinate, before: demand, after: "nothing", places: [{ subgraph: "one" }] },
  ]);
}

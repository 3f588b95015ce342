import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FastState } from "./fast-state.ts";
import { answer, type Answer, NO_UTF8, startZoo, type Zoo } from "./zoo.fixture.ts";

process.env.APOLLO_TELEMETRY_DISABLED = "1";

const LEAVES = "id name tag age weight tame diet notes rings extra";
const HOME = "street geo { lat lng }";

const QUERIES: Readonly<Record<string, string>> = {
  leaves: `{ animals { ${LEAVES} } }`,
  "copied text": `{ animals { home { ${HOME} } homes { ${HOME} } grid { ${HOME} } } }`,
  "fields in another order": `{ animals { tame home { geo { lng lat } street } name id __typename } }`,
  aliases: `{ all: animals { kind: __typename called: name at: home { where: geo { lat } street } } }`,
  types: `{ any { ... on Dog { age friend { id name friend { id } } } ... on Cat { lives name } } first { id ... on Cat { lives } } }`,
  entities: `{ animals { name ... on Dog { dose zone visits { day reason } } ... on Cat { vaccinated visits { vet { name room } day } } } }`,
  "entities of entities": `{ first { id ... on Cat { visits { vet { room id } } } } animals { ... on Dog { friend { visits { vet { name } } zone } visits { vet { name } } } } }`,
  "objects that are required, and wanted": `{ animals { ... on Dog { home { street } zone } } }`,
  "types told": `{ animals { __typename id name } first { home { __typename street } } }`,
  "nothing there": `{ empty { ${HOME} } any { ... on Dog { visits { day } } } }`,
  conditions: `{ animals { id @include(if: true) name @skip(if: true) home @skip(if: false) { street } } }`,
  mutations: `mutation { rename(id: "1") { id name ... on Cat { vaccinated } } feed(id: "2") { id ... on Dog { dose } } }`,
};

let fast: Zoo;
let reference: Zoo;
beforeAll(async () => {
  fast = await startZoo(0);
  reference = await startZoo(Infinity);
});

// How runs by the fast engine ended.
let ended: string[] = [];
const { succeeded, failed } = FastState.prototype;
beforeEach(() => {
  ended = [];
  FastState.prototype.succeeded = function () {
    ended.push("done");
    succeeded.call(this);
  };
  FastState.prototype.failed = function (error) {
    ended.push(String(error));
    // Without the pause that comes after many failures.
    if (!(error instanceof Error) || error.name !== "Handover") failed.call(this, error);
  };
});
afterEach(() => {
  FastState.prototype.succeeded = succeeded;
  FastState.prototype.failed = failed;
});

/** Asks both engines. */
async function both(query: string, answerWith?: Answer) {
  const byReference = await reference.ask(query, answerWith);
  const byFast = await fast.ask(query, answerWith);
  return { byReference, byFast };
}

/** The data as text in one form: numbers and escapes may be written in several. */
function normal(text: string): string {
  const [response = "", ...errors] = text.trim().split("\n");
  return [JSON.stringify(JSON.parse(response)), ...errors].join("\n");
}

describe("answers as the reference engine does, without its help", () => {
  test.each(Object.entries(QUERIES))("%s", async (_name, query) => {
    const { byReference, byFast } = await both(query);
    expect(normal(byFast.text)).toBe(normal(byReference.text));
    expect(byFast.calls).toBe(byReference.calls);
    expect(ended).toEqual(["done"]);
    expect(byFast.released).toBe(byFast.calls);
  });

  test.each(Object.entries(QUERIES).filter(([name]) => name !== "copied text"))(
    "%s, with answers in another order and with white space",
    async (_name, query) => {
      const { byReference, byFast } = await both(query, (subgraph, body) =>
        JSON.stringify(reversed(JSON.parse(answer(subgraph, body))), null, "\t"),
      );
      expect(normal(byFast.text)).toBe(normal(byReference.text));
      // Of text that is copied as a whole, another order is not seen through.
      if (!ended.includes("done")) expect(ended).toEqual(["Handover: An answer is not as asked for."]);
      expect(byFast.calls).toBe(byReference.calls);
    },
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, each]) => [name, name === "extra" ? each : reversed(each)]),
  );
}

describe("hands over what it does not do, and nothing is sent twice", () => {
  const cases: readonly (readonly [what: string, change: (text: string) => string])[] = [
    ["errors", (text) => text.replace(/}$/, `,"errors":[{"message":"Oh"}]}`)],
    ["no data", () => `{"data":null}`],
    ["an unknown field", (text) => text.replace(`"name":`, `"unknown":1,"name":`)],
    ["a field twice", (text) => text.replace(`"name":`, `"name":"first","name":`)],
    ["a null where there must be none", (text) => text.replace(/"name":"[^"]*"/, `"name":null`)],
    ["a null in a list of leaves without nulls", (text) => text.replace(`"notes":["a"`, `"notes":[null,"a"`)],
    ["a null in a list of objects without nulls", (text) => text.replace(`"homes":[{`, `"homes":[null,{`)],
    ["a value of another type", (text) => text.replace(/"tame":\w+/, `"tame":"yes"`)],
    ["a value that clients may not see", (text) => text.replace(`"PLANTS"`, `"SECRET"`)],
    ["a type that is none", (text) => text.replace(`"Dog"`, `"Mouse"`)],
    ["an object where a list belongs", (text) => text.replace(/"(animals|_entities)":\[.*\]/, `"$1":{}`)],
    ["a list where an object belongs", (text) => text.replace(/"home":\{/, `"home":[{`).replace(/}}/, "}]}")],
    ["text that ends too early", (text) => text.slice(0, -20)],
    ["bytes that are not UTF-8's", (text) => text.replace("Animal", `Animal${NO_UTF8}`)],
    ["no JSON", () => "<p>Hello"],
  ];
  const query = `{ animals { ${LEAVES} home { street } homes { street } ... on Cat { vaccinated } ... on Dog { dose } } }`;

  test.each(cases)("%s", async (_what, change) => {
    const { byReference, byFast } = await both(query, (subgraph, body) => change(answer(subgraph, body)));
    expect(normal(byFast.text)).toBe(normal(byReference.text));
    expect(byFast.calls).toBe(byReference.calls);
    expect(byFast.released).toBe(ended.includes("done") ? byFast.calls : 0);
  });

  test.each([
    ["more", (text: string) => text.replace(`"_entities":[`, `"_entities":[null,`)],
    ["fewer", (text: string) => text.replace(/"_entities":\[\{[^}]*\},/, `"_entities":[`)],
  ])("one entity %s: none is taken for another", async (_what, change) => {
    const answerWith: Answer = (subgraph, body) => change(answer(subgraph, body));
    const { byReference, byFast } = await both(`{ animals { id ... on Dog { dose } } }`, answerWith);
    expect(byReference.text).toContain("_entities");
    expect(normal(byFast.text)).toBe(normal(byReference.text));
  });

  test("a mutation's second part fails: neither part is sent again", async () => {
    const sent: string[] = [];
    const { byFast } = await both(QUERIES.mutations ?? "", (subgraph, body) => {
      if (body.includes("mutation")) sent.push(body);
      const right = answer(subgraph, body);
      return body.includes("feed") ? right.replace(/}$/, `,"errors":[{"message":"Full"}]}`) : right;
    });
    expect(byFast.text).toContain("Full");
    expect(ended).toEqual(["Handover: An answer is not a plain success."]);
    // By each engine once.
    expect(sent).toHaveLength(new Set(sent).size * 2);
    expect(sent.length).toBeGreaterThan(0);
  });
});

const ESCAPED_KEY =
  "{ first { id ... on Cat { visits { vet { room id } } } } animals { ... on Dog { friend { visits { vet { name } } zone } visits { vet { name } } } } }";

// What a subgraph sends may be anything: members and values of right answers are changed, left out, doubled and moved.
test("rejects what JSON.parse rejects, and reads the rest as it does", async () => {
  const edit = fc.record({
    at: fc.nat(),
    how: fc.constantFrom("replace", "insert", "drop", "double", "swap"),
    value: fc.constantFrom(...VALUES),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.values(QUERIES)),
      fc.array(edit, { minLength: 1, maxLength: 2 }),
      async (query, edits) => {
        const spoil: Answer = (subgraph, body) => edits.reduce(edited, answer(subgraph, body));
        const { byReference, byFast } = await both(query, spoil);
        expect(normal(byFast.text)).toBe(normal(byReference.text));
      },
    ),
    // The example asked a subgraph twice, as a key came in another form than JSON.stringify has.
    { numRuns: 4000, examples: [[ESCAPED_KEY, [{ at: 675453394, how: "replace", value: '"\\u00e9"' }]]] },
  );
  expect(new Set(ended).size).toBeGreaterThan(2);
});

const VALUES = [
  ...[
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    '""',
    '"1"',
    '"\\u00e9"',
    '"\\ud83d"',
    '"\\x"',
    '"\\u00g0"',
  ],
  ...[
    '"\u0001"',
    `"${NO_UTF8}"`,
    '"MEAT"',
    '"Dog"',
    '"Cat"',
    '"__proto__"',
    '"open',
    "0",
    "-0",
    "01",
    "1.0",
    "1.",
    ".5",
    "-",
  ],
  ...[
    "+1",
    "1e5",
    "1E-2",
    "1e",
    "1e400",
    "123456789012345678901",
    "2147483648",
    "[1,2]",
    "[1 , 2]",
    '["a",null]',
    "[null,null]",
    "[1,]",
    "[,1]",
  ],
  ...[
    '{"a":1,"a":2}',
    '{"__proto__":1}',
    '{"a":{"b":[1,"x",null]}}',
    '{"a" : 1}',
    " 7 ",
    "tru",
    "nul",
    "",
    "\ufeff",
    ",",
    "}",
  ],
];

/** What comes after the bracket that closes the one before a text. */
function behindBracket(text: string): string {
  let open = 1;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token.startsWith('"')) continue;
    open += /[[{]/.test(token) ? 1 : -1;
    if (open === 0) return text.slice(index + 1);
  }
  return "";
}

/** A member of an object with its value, where that is no object and no list, or the bracket that begins one. */
const MEMBER = /"(\w+)":("(?:[^"\\]|\\.)*"|[-\w.+]+|[[{])/g;

function edited(text: string, { at, how, value }: { at: number; how: string; value: string }): string {
  const members = [...text.matchAll(MEMBER)];
  const member = members[at % members.length];
  if (member === undefined) return value + text;
  const [whole, name, old = ""] = member;
  const [before, behind] = [text.slice(0, member.index), text.slice(member.index + whole.length)];
  const next = /^,("\w+":(?:"[^"]*"|[-\w.+]+))/.exec(behind);
  switch (how) {
    case "replace":
      return `${before}"${name}":${value}${/[[{]/.test(old) ? behindBracket(behind) : behind}`;
    case "insert":
      return `${before}${whole}${value}${behind}`;
    case "double":
      return /[[{]/.test(old) ? text : `${before}${whole},"${name}":${value}${behind}`;
    case "drop":
      return /[[{]/.test(old) ? text : `${before}${behind.replace(/^,/, "")}`.replace(/,}/g, "}");
    default:
      return next === null || /[[{]/.test(old)
        ? `${text}${value}`
        : `${before}${next[1]},${whole}${behind.slice(next[0].length)}`;
  }
}

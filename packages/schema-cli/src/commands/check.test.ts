import { describe, expect, test } from "vitest";
import { changeIdOf } from "../result/change-id.ts";
import type { Result } from "../result/finding.ts";
import { passed } from "../result/finding.ts";
import { count } from "../result/summary.ts";
import { stepNames } from "../result/step-name.ts";
import { runApprove } from "./approve.ts";
import { type CheckOptions, runCheck } from "./check.ts";
import { memoryFiles } from "./memory-files.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])\n`;
const products = `${link}type Query {\n  products(first: Int): [Product!]!\n  unused: Int\n}\ntype Product @key(fields: "id") {\n  id: ID!\n  name: String!\n  kind: Kind\n}\nenum Kind { BOOK FILM }\n`;
const reviews = `${link}type Product @key(fields: "id") {\n  id: ID!\n  stars: Int\n}\n`;
const operation = "query Shelf {\n  products { name stars }\n}\n";
const today = "2026-06-15";

const config = {
  subgraphs: [
    { name: "products", url: "http://localhost:1/graphql", schema: "../services/products.graphql" },
    { name: "reviews", url: "http://localhost:2/graphql", schema: "../services/reviews.graphql" },
  ],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  operations: [{ name: "clients", folder: "operations" }],
  approvals: "approvals",
};
const complete = { ...config, operations: [{ name: "clients", folder: "operations", complete: true }] };

interface Change {
  texts?: Record<string, string>;
  baseTexts?: Record<string, string>;
  config?: unknown;
  baseConfig?: unknown;
  options?: Partial<CheckOptions>;
}

function setUp({ texts = {}, baseTexts = {}, config: own = config, baseConfig = own }: Change) {
  const all = {
    "services/products.graphql": products,
    "services/reviews.graphql": reviews,
    "schema/operations/shelf.graphql": operation,
    ...baseTexts,
  };
  const files = memoryFiles({ texts: { ...all, ...texts }, modules: { "schema/schema.config.ts": own } });
  const old = memoryFiles({ texts: all, modules: { "schema/schema.config.ts": baseConfig } });
  return { files, base: { ref: "main", commit: "0123456789abcdef", files: old } };
}

function check(change: Change = {}): Promise<Result> {
  const { files, base } = setUp(change);
  return runCheck(files, base, {
    config: "schema/schema.config.ts",
    failOn: "breaking",
    today,
    ...change.options,
  });
}

const short = ({ findings }: Result) =>
  findings.map(({ severity, code, coordinate }) => `${severity} ${code} ${coordinate ?? ""}`.trim()).sort();
const without = (text: string, part: string) => {
  expect(text).toContain(part);
  return text.replace(part, "");
};
const noUnused = { "services/products.graphql": without(products, "  unused: Int\n") };
const noStars = { "services/reviews.graphql": without(reviews, "  stars: Int\n") };

describe("check", () => {
  test("passes where nothing changed", async () => {
    const result = await check();
    expect(short(result)).toEqual([]);
    expect(passed(result)).toBe(true);
    expect(result.steps?.map(({ name }) => name)).toEqual(stepNames);
  });

  test("fails on a field that goes, with its place in the base and the operation that it breaks", async () => {
    const result = await check({ texts: noStars });
    expect(short(result)).toEqual(["error FIELD_REMOVED Product.stars", "error OPERATION_BROKEN"]);
    expect(result.findings.find(({ code }) => code === "FIELD_REMOVED")).toMatchObject({
      step: "diff",
      places: [{ subgraph: "reviews", file: "services/reviews.graphql", line: 4, column: 3, side: "base" }],
      operations: [{ name: "Shelf", verdict: "broken" }],
    });
    expect(result.findings.find(({ code }) => code === "OPERATION_BROKEN")?.places).toEqual([
      { file: "schema/operations/shelf.graphql", line: 1, column: 1 },
    ]);
  });

  test("tells what broke an operation from what it merely uses", async () => {
    const text = products
      .replace("  name: String!\n", "  name: String\n")
      .replace("  id: ID!\n", "  id: Int!\n");
    const texts = {
      "services/products.graphql": text.replace("products(first: Int)", "products(first: Int!)"),
      "services/reviews.graphql": reviews.replace("id: ID!", "id: Int!"),
    };
    const { findings } = await check({ texts });
    const verdicts = (coordinate: string) =>
      findings.find((each) => each.coordinate === coordinate)?.operations?.map(({ verdict }) => verdict);
    expect(verdicts("Query.products(first:)")).toEqual(["broken"]);
    expect(verdicts("Product.name")).toEqual(["affected"]);
    expect(verdicts("Product.id")).toBeUndefined();
  });

  test("sees a subgraph that is gone, and a renamed file", async () => {
    const [first, second] = config.subgraphs;
    expect(short(await check({ config: { ...config, subgraphs: [first] }, baseConfig: config }))).toContain(
      "error FIELD_REMOVED Product.stars",
    );
    const moved = { ...config, subgraphs: [first, { ...second, schema: "../moved.graphql" }] };
    const texts = { "moved.graphql": reviews };
    expect(short(await check({ config: moved, baseConfig: config, texts }))).toEqual([]);
  });

  test("fails on what is dangerous only where it is told to", async () => {
    const texts = { "services/products.graphql": products.replace("BOOK FILM", "BOOK FILM GAME") };
    expect(short(await check({ texts }))).toEqual(["warning ENUM_VALUE_ADDED Kind.GAME"]);
    const strict = await check({ texts, options: { failOn: "dangerous" } });
    expect(short(strict)).toEqual(["error ENUM_VALUE_ADDED Kind.GAME"]);
  });

  test("says that it could not look where the head does not compose", async () => {
    const broken = { "services/reviews.graphql": reviews.replace("id: ID!", "id: Int!") };
    const head = await check({ texts: broken });
    expect(short(head)).toEqual(["error FIELD_TYPE_MISMATCH"]);
    const outcomes = stepNames.map((name) => (name === "compose" ? "done" : "unchecked"));
    expect(head.steps?.map(({ outcome }) => outcome)).toEqual(outcomes);
    const only = await check({ texts: broken, options: { only: ["diff"] } });
    expect(short(only)).toEqual(["error FIELD_TYPE_MISMATCH"]);
  });

  test("runs the steps it is told to, and no others", async () => {
    const result = await check({ texts: noStars, options: { only: ["operations"] } });
    expect(short(result)).toEqual(["error OPERATION_BROKEN"]);
    expect(result.steps).toEqual([{ name: "operations", outcome: "done" }]);
  });

  test("shows the subgraphs it is told to, and knows their names", async () => {
    const texts = { ...noStars, ...noUnused };
    const result = await check({ texts, options: { subgraphs: ["products"], only: ["diff"] } });
    expect(short(result)).toEqual(["error FIELD_REMOVED Query.unused"]);
    expect(result.done).toEqual([
      "2 subgraphs",
      "findings of products alone",
      "diff alone",
      "against main (0123456)",
    ]);
    await expect(check({ options: { subgraphs: ["nobody"] } })).rejects.toThrow('no subgraph "nobody"');
  });

  test("passed what breaks clients of a subgraph that calls its root otherwise, asked about that one", async () => {
    const renamed = reviews.replace(
      "type Product",
      "schema { query: Root }\ntype Root {\n  best: Int\n  worst: Int\n}\ntype Product",
    );
    const baseTexts = { "services/reviews.graphql": renamed };
    const texts = { "services/reviews.graphql": without(renamed, "  worst: Int\n") };
    const ask = async (name: string) =>
      short(await check({ baseTexts, texts, options: { subgraphs: [name], only: ["diff"] } }));
    expect(await ask("reviews")).toEqual(["error FIELD_REMOVED Query.worst"]);
    expect(await ask("products")).toEqual([]);
  });

  test("shows what does not compose, whatever subgraph is asked for", async () => {
    const texts = { "services/reviews.graphql": "type Product {" };
    const result = await check({ texts, options: { subgraphs: ["products"], only: ["diff"] } });
    expect(short(result)).toEqual(["error INVALID_GRAPHQL"]);
  });

  test("repeats no hint of the composer's that the base has, too", async () => {
    const described = (text: string, type: string) => ({
      "services/products.graphql": text.replace("type Product", '"One."\ntype Product'),
      "services/reviews.graphql": reviews.replace("type Product", `"${type}"\ntype Product`),
    });
    const hints = async (baseTexts: Record<string, string>, texts: Record<string, string>) =>
      (await check({ baseTexts, texts, options: { only: ["compose"] } })).findings.map(({ code }) => code);
    const [one, other] = [described(products, "One."), described(products, "Another.")];
    expect(await hints(one, other)).toEqual(["INCONSISTENT_DESCRIPTION"]);
    expect(await hints(other, other)).toEqual([]);
    const more = {
      ...other,
      "services/products.graphql": described(`${products}#`, "")["services/products.graphql"],
    };
    expect(await hints(other, more)).toEqual([]);
  });

  test("says which operation may get what it never got", async () => {
    const texts = { "services/products.graphql": products.replace("name: String!", "name: String") };
    const result = await check({ texts });
    expect(short(result)).toEqual(["error FIELD_TYPE_CHANGED Product.name", "warning OPERATION_AFFECTED"]);
  });

  test("asks for an approval where a demand is gone, though no schema for clients shows it", async () => {
    const guarded = {
      "services/products.graphql": products.replace("unused: Int", "unused: Int @authenticated"),
    };
    const texts = { "services/products.graphql": products };
    expect(short(await check({ baseTexts: guarded, texts }))).toEqual(["error AUTH_LOOSENED Query.unused"]);
    expect(short(await check({ baseTexts: texts, texts: guarded }))).toEqual([
      "error AUTH_TIGHTENED Query.unused",
    ]);
    // Nobody who is known would be locked out; but whoever is let in is nobody who is known.
    expect(short(await check({ baseTexts: guarded, texts, config: complete }))).toEqual([
      "error AUTH_LOOSENED Query.unused",
    ]);
  });
});

describe("a set of operations", () => {
  test("excuses what it does not use only where it is declared complete", async () => {
    expect(short(await check({ texts: noUnused }))).toEqual(["error FIELD_REMOVED Query.unused"]);
    const excused = await check({ texts: noUnused, config: complete });
    expect(short(excused)).toEqual(["hint FIELD_REMOVED Query.unused"]);
    expect(excused.findings[0]?.excuse?.by).toBe("operations");
    expect(short(await check({ texts: noStars, config: complete }))).toContain(
      "error FIELD_REMOVED Product.stars",
    );
  });

  test("that is empty is refused, as it would excuse everything", async () => {
    const none = { ...complete, operations: [{ name: "clients", folder: "nowhere", complete: true }] };
    await expect(check({ config: none })).rejects.toThrow('The set of operations "clients" has none');
  });

  test("may be a manifest", async () => {
    const manifest = { ...config, operations: [{ name: "clients", manifest: "manifest.json" }] };
    const body = JSON.stringify({ operations: [{ id: "1", name: "Shelf", type: "query", body: operation }] });
    const texts = { ...noStars, "schema/manifest.json": body };
    expect(short(await check({ config: manifest, texts }))).toContain("error OPERATION_BROKEN");
    const bad = { "schema/manifest.json": "{" };
    await expect(check({ config: manifest, texts: bad })).rejects.toThrow("manifest.json is not JSON");
  });

  test("with a text that is no GraphQL fails with its place", async () => {
    const texts = { "schema/operations/shelf.graphql": "query {\n  a(\n}" };
    const { findings } = await check({ texts, options: { only: ["diff"] } });
    expect(findings).toMatchObject([
      {
        code: "OPERATION_UNREADABLE",
        places: [{ file: "schema/operations/shelf.graphql", line: 3, column: 1 }],
      },
    ]);
  });

  test("has operations that did not run before either", async () => {
    const texts = { "schema/operations/wrong.graphql": "query Wrong { nothing }" };
    expect(short(await check({ texts }))).toEqual(["warning OPERATION_INVALID"]);
  });
});

describe("a subgraph in several files", () => {
  const split = {
    "services/products/roots.graphql": `${link}type Query {\n  products(first: Int): [Product!]!\n  unused: Int\n}\n`,
    "services/products/types/product.graphql": `type Product @key(fields: "id") {\n  id: ID!\n  name: String!\n  kind: Kind\n}\n`,
    "services/products/types/kind.graphql": "enum Kind { BOOK FILM }\n",
    "services/products/node_modules/x/kind.graphql": "enum Kind { NONE }\n",
    "services/products/.cache/kind.graphql": "enum Kind { NONE }\n",
  };
  const reading = (schema: string | string[]) => ({
    ...config,
    subgraphs: [{ ...config.subgraphs[0], schema }, config.subgraphs[1]],
  });
  const ways: (string | string[])[] = [
    "../services/products/**/*.graphql",
    ["../services/products/roots.graphql", "../services/products/types/*.graphql"],
    [
      "../services/products/types/kind.graphql",
      "../services/products/types/product.graphql",
      "../services/products/roots.graphql",
    ],
  ];

  test.each(ways.map((schema) => ({ schema })))(
    "is the same as in one, read by $schema",
    async ({ schema }) => {
      const result = await check({ texts: split, config: reading(schema), baseConfig: config });
      expect(short(result)).toEqual([]);
      expect(passed(result)).toBe(true);
    },
  );

  test("has its places in the right one, and its errors", async () => {
    const file = "services/products/types/product.graphql";
    const own = { config: reading(ways[0] ?? ""), baseTexts: split };
    const only = { options: { only: ["diff" as const] } };
    const gone = await check({ ...own, ...only, texts: { [file]: without(split[file], "  kind: Kind\n") } });
    expect(gone.findings).toMatchObject([
      { coordinate: "Product.kind", places: [{ file, line: 4, side: "base" }] },
    ]);
    const wrong = await check({ ...own, texts: { [file]: "type Product {" } });
    expect(wrong.findings).toMatchObject([
      { code: "INVALID_GRAPHQL", places: [{ file, line: 1, column: 15 }] },
    ]);
    const unlike = await check({ ...own, texts: { [file]: split[file].replace("id: ID!", "id: Int!") } });
    expect(unlike.findings).toMatchObject([
      { code: "FIELD_TYPE_MISMATCH", places: [{ file, line: 2 }, { file: "services/reviews.graphql" }] },
    ]);
    const rules = { lint: { rules: { "naming-convention": ["error", { FieldDefinition: "camelCase" }] } } };
    const bad = { [file]: split[file].replace("kind: Kind", "kind: Kind\n  bad_one: Int") };
    const linted = await check({
      ...own,
      config: { ...own.config, ...rules },
      texts: bad,
      options: { only: ["lint"] },
    });
    expect(linted.findings).toMatchObject([{ coordinate: "Product.bad_one", places: [{ file, line: 5 }] }]);
  });

  test("is new where a file comes that fits", async () => {
    const texts = { "services/products/types/more.graphql": "type More { a: Int }\n" };
    const result = await check({ config: reading(ways[0] ?? ""), baseTexts: split, texts });
    expect(short(result)).toEqual(["hint TYPE_ADDED More"]);
  });

  test("is refused where no file fits", async () => {
    await expect(check({ config: reading("../nowhere/*.graphql"), baseConfig: config })).rejects.toThrow(
      "nowhere/*.graphql (subgraph products)",
    );
  });
});

describe("a base", () => {
  const broken = { "services/reviews.graphql": reviews.replace("id: ID!", "id: Int!") };
  const mended = { "services/reviews.graphql": reviews };

  test("that does not compose could not be mended", async () => {
    const { files, base } = setUp({ baseTexts: broken, texts: { ...mended, ...noUnused } });
    const options: CheckOptions = { config: "schema/schema.config.ts", failOn: "breaking", today };
    const never = await runCheck(files, base, options);
    expect(short(never)).toEqual(["warning BASE_BROKEN"]);
    expect(passed(never)).toBe(true);
    expect(never.steps?.map(({ outcome }) => outcome)).toEqual([
      "done",
      ...stepNames.slice(1).map(() => "skipped"),
    ]);

    // What clients have is what composed last.
    const good = { ...setUp({}).base, commit: "fedcba9876543210" };
    const asked: string[] = [];
    const earlier = (paths: readonly string[]) => {
      asked.push(...paths);
      return Promise.resolve(good);
    };
    const compared = await runCheck(files, { ...base, earlier }, options);
    expect(short(compared)).toEqual(["error FIELD_REMOVED Query.unused", "warning BASE_BROKEN"]);
    expect(compared.base).toEqual({ ref: "main", commit: good.commit });
    expect(asked).toEqual([
      "schema/schema.config.ts",
      "services/products.graphql",
      "services/reviews.graphql",
    ]);
  });

  test.each([
    ["is none", { nonsense: true }],
    [
      "names a schema that is not there",
      { ...config, subgraphs: [{ ...config.subgraphs[0], schema: "../no.graphql" }] },
    ],
  ])("whose configuration %s could not be mended", async (_, baseConfig) => {
    const { files, base } = setUp({ config, baseConfig });
    const options: CheckOptions = { config: "schema/schema.config.ts", failOn: "breaking", today };
    const good = setUp({ texts: {} }).base;
    const result = await runCheck(files, { ...base, earlier: () => Promise.resolve(good) }, options);
    expect(short(result)).toEqual(["warning BASE_BROKEN"]);
    expect(result.steps?.find(({ name }) => name === "diff")?.outcome).toBe("done");
  });

  test("that has no state before it which composes is given up after a while", async () => {
    const { files, base } = setUp({ baseTexts: broken, texts: mended });
    const again = { ...base, earlier: () => Promise.resolve(again) };
    await expect(
      runCheck(files, again, { config: "schema/schema.config.ts", failOn: "breaking", today }),
    ).rejects.toThrow("neither do the 50 states before it");
  });

  test("without a configuration failed the change that brings the first one", async () => {
    const bare = { baseConfig: null };
    expect(short(await check({ ...bare, texts: noUnused }))).toEqual([
      "error FIELD_REMOVED Query.unused",
      "hint BASE_MISSING",
    ]);
    const { files, base } = setUp({});
    const empty = { ...base, files: memoryFiles({}) };
    const first = await runCheck(files, empty, {
      config: "schema/schema.config.ts",
      failOn: "breaking",
      today,
    });
    expect(short(first)).toEqual(["warning BASE_MISSING"]);
    expect(passed(first)).toBe(true);
  });

  test("is read by the configuration that is given", async () => {
    const { files, base } = setUp({ texts: noUnused, baseConfig: { nonsense: true } });
    const result = await runCheck(files, base, {
      config: "schema/schema.config.ts",
      baseConfig: "schema/schema.config.ts",
      failOn: "breaking",
      today,
    });
    expect(short(result)).toEqual(["error FIELD_REMOVED Query.unused"]);
  });
});

describe("one approval is asked for each change", () => {
  const ids = (result: Result) => result.findings.flatMap(({ changeId }) => changeId ?? []);
  const approve = (result: Result): Record<string, string> =>
    Object.fromEntries(
      result.findings.flatMap(
        ({ changeId, severity, code, coordinate = null, before = null, after = null }) =>
          changeId === undefined || severity !== "error"
            ? []
            : [
                [
                  `schema/approvals/${changeId}.yaml`,
                  JSON.stringify({ code, coordinate, before, after, reason: "so", expires: today }),
                ],
              ],
      ),
    );
  const many = Object.fromEntries(
    Array.from({ length: 5 }, (_, index) => [
      `schema/operations/stars${index}.graphql`,
      `query Stars${index} { products { stars } }`,
    ]),
  );

  test("a field asked for one for itself and one for every operation that it breaks", async () => {
    const result = await check({ baseTexts: many, texts: noStars });
    expect(ids(result)).toHaveLength(1);
    expect(count(result)).toMatchObject({ breaking: 1, operations: { broken: 6, affected: 0 } });
    const passing = await check({ baseTexts: many, texts: { ...noStars, ...approve(result) } });
    expect(passed(passing)).toBe(true);
    expect(count(passing)).toMatchObject({ approved: 1, breaking: 0, operations: { broken: 0 } });
  });

  test("an operation that two changes break fails until both are approved", async () => {
    const texts = {
      ...noStars,
      "services/products.graphql": without(products, "  name: String!\n"),
    };
    const result = await check({ texts });
    expect(ids(result)).toHaveLength(2);
    const files = Object.entries(approve(result));
    for (const some of [files.slice(0, 1), files.slice(1)]) {
      const half = await check({ texts: { ...texts, ...Object.fromEntries(some) } });
      expect(short(half)).toContain("error OPERATION_BROKEN");
      expect(passed(half)).toBe(false);
    }
    expect(passed(await check({ texts: { ...texts, ...Object.fromEntries(files) } }))).toBe(true);
  });

  test("a step that is run alone says what to approve, and takes it", async () => {
    const alone = { options: { only: ["operations"] } } as const;
    const result = await check({ texts: noStars, options: { only: ["operations"] } });
    const full = await check({ texts: noStars });
    expect(result.findings[0]?.causes).toEqual([
      { code: "FIELD_REMOVED", coordinate: "Product.stars", changeId: ids(full)[0] },
    ]);
    const approved = { texts: { ...noStars, ...approve(full) }, options: { only: [...alone.options.only] } };
    expect(passed(await check(approved))).toBe(true);
  });

  test("what may reach operations does not count beside the change, also where that fails", async () => {
    const texts = { "services/products.graphql": products.replace("BOOK FILM", "BOOK FILM GAME") };
    const baseTexts = { "schema/operations/kinds.graphql": "query Kinds { products { kind } }" };
    const options = { failOn: "dangerous" } as const;
    const result = await check({ baseTexts, texts, options });
    expect(short(result)).toEqual(["error ENUM_VALUE_ADDED Kind.GAME", "error OPERATION_AFFECTED"]);
    expect(count(result)).toMatchObject({ toApprove: 1, errors: 0, operations: { affected: 1 } });
    expect(passed(await check({ baseTexts, texts: { ...texts, ...approve(result) }, options }))).toBe(true);
  });

  test("operations that are planned worse ask for one together", async () => {
    const moved = {
      "services/products.graphql": without(products, "  kind: Kind\n").replace(
        "enum Kind { BOOK FILM }\n",
        "",
      ),
      "services/reviews.graphql": `${reviews.replace("  stars: Int\n", "  stars: Int\n  kind: Kind\n")}enum Kind { BOOK FILM }\n`,
    };
    const baseTexts = Object.fromEntries(
      Array.from({ length: 3 }, (_, index) => [
        `schema/operations/kind${index}.graphql`,
        `query Kind${index} { products { kind } }`,
      ]),
    );
    const result = await check({ baseTexts, texts: moved, options: { only: ["plan"] } });
    expect(short(result)).toEqual(["error PLAN_WORSE"]);
    expect(result.findings[0]?.message).toMatch(/^3 operations are planned worse than before:\n {2}Kind0 /);
    expect(result.findings[0]?.places).toHaveLength(3);
  });

  test.each([
    ["a field of an interface object", "  stars: Int\n", "", ["FIELD_REMOVED Media.stars"]],
    ["a demand of one", "  stars: Int\n", "  stars: Int @authenticated\n", ["AUTH_TIGHTENED Media.stars"]],
  ])("%s asked for one more for each implementation", async (_, before, after, expected) => {
    const media = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@interfaceObject"])\n`;
    const texts = (field: string) => ({
      "services/products.graphql": `${media}type Query { media: [Media!] }\ninterface Media @key(fields: "id") { id: ID! }\ntype Book implements Media @key(fields: "id") { id: ID! }\ntype Film implements Media @key(fields: "id") { id: ID! }\n`,
      "services/reviews.graphql": `${media}type Media @key(fields: "id") @interfaceObject {\n  id: ID!\n  other: Int\n${field}}\n`,
      "schema/operations/shelf.graphql": "query Shelf { media { stars ... on Book { stars } } }",
    });
    const both = { baseTexts: texts(before), texts: texts(after) };
    const result = await check(both);
    const asked = result.findings.filter(({ changeId }) => changeId !== undefined);
    expect(asked.map(({ code, coordinate }) => `${code} ${coordinate}`)).toEqual(expected);
    expect(passed(result)).toBe(false);
    expect(passed(await check({ ...both, texts: { ...both.texts, ...approve(result) } }))).toBe(true);
  });

  test("what an implementation demands asked for one more for its interface", async () => {
    const media = (demand: string) => ({
      "services/products.graphql": `${link}type Query { media: [Media!] }\ninterface Media { title: String }\ntype Book implements Media {\n  title: String ${demand}\n}\n`,
      "services/reviews.graphql": `${link}type Query { other: Int }\n`,
      "schema/operations/shelf.graphql": "query Shelf { media { title } }",
    });
    for (const [before, after, code] of [
      ["", "@authenticated", "AUTH_TIGHTENED"],
      ["@authenticated", "", "AUTH_LOOSENED"],
    ] as const) {
      const result = await check({ baseTexts: media(before), texts: media(after) });
      const asked = result.findings.filter(({ changeId }) => changeId !== undefined);
      expect(asked.map((each) => `${each.code} ${each.coordinate}`)).toEqual([`${code} Book.title`]);
      const approved = { ...media(after), ...approve(result) };
      expect(passed(await check({ baseTexts: media(before), texts: approved }))).toBe(true);
    }
  });

  test("what another subgraph's change broke is not shown with this one's", async () => {
    const ask = async (name: string) =>
      short(await check({ texts: noStars, options: { subgraphs: [name] } }));
    expect(await ask("products")).toEqual([]);
    expect(await ask("reviews")).toEqual(["error FIELD_REMOVED Product.stars", "error OPERATION_BROKEN"]);
  });
});

describe("an approval", () => {
  const change = { code: "FIELD_REMOVED", coordinate: "Query.unused", before: "unused: Int", after: null };
  const file = "schema/approvals/a.yaml";
  const yaml = (fields: Record<string, unknown> = {}) =>
    JSON.stringify({ ...change, reason: "nobody uses it", expires: today, ...fields });

  test("lets the change pass that it is for, until the end of its last day", async () => {
    const result = await check({ texts: { ...noUnused, [file]: yaml() } });
    expect(short(result)).toEqual(["hint FIELD_REMOVED Query.unused"]);
    expect(result.findings[0]?.excuse).toEqual({
      by: "approval",
      reason: "nobody uses it",
      expires: today,
      file,
    });
  });

  test("that ended fails, and lets nothing pass", async () => {
    expect(short(await check({ texts: { ...noUnused, [file]: yaml({ expires: "2026-06-14" }) } }))).toEqual([
      "error APPROVAL_EXPIRED",
      "error FIELD_REMOVED Query.unused",
    ]);
  });

  test.each([
    ["another coordinate", { coordinate: "Query.unuse" }],
    ["another code", { code: "FIELD_TYPE_CHANGED" }],
    ["another before", { before: "unused: String" }],
    ["another after", { after: "unused: String" }],
  ])("for %s is unused, which fails", async (_, fields) => {
    expect(short(await check({ texts: { ...noUnused, [file]: yaml(fields) } }))).toEqual([
      "error APPROVAL_UNUSED",
      "error FIELD_REMOVED Query.unused",
    ]);
  });

  test("is not called unused by a run that did not look for it", async () => {
    expect(short(await check({ texts: { [file]: yaml() }, options: { only: ["auth"] } }))).toEqual([]);
    expect(short(await check({ texts: { [file]: yaml() } }))).toEqual(["error APPROVAL_UNUSED"]);
  });

  test("whose change is merged fails nobody until it ends, but says that it can go", async () => {
    const merged = { baseTexts: { ...noUnused, [file]: yaml() } };
    expect(short(await check(merged))).toEqual(["hint APPROVAL_USED_UP"]);
    const crlf = {
      texts: { [file]: `\uFEFF${yaml()}\r\n` },
      baseTexts: { ...noUnused, [file]: `${yaml()}\n` },
    };
    expect(short(await check(crlf))).toEqual(["hint APPROVAL_USED_UP"]);
    // What this change writes is not merged, even over one that is.
    const again = { texts: { [file]: yaml({ reason: "again" }) }, ...merged };
    expect(short(await check(again))).toEqual(["error APPROVAL_UNUSED"]);
    const ended = { baseTexts: { ...noUnused, [file]: yaml({ expires: "2026-06-14" }) } };
    expect(short(await check(ended))).toEqual(["error APPROVAL_EXPIRED"]);
  });

  test("is looked for by a step that had nothing to compare, too", async () => {
    const text = yaml({ code: "PLAN_WORSE", coordinate: null });
    const result = await check({ texts: { [file]: text } });
    expect(result.steps?.find(({ name }) => name === "plan")?.outcome).toBe("skipped");
    expect(short(result)).toEqual(["error APPROVAL_UNUSED"]);
  });

  test.each([
    ["no YAML", "code: [", "APPROVAL_INVALID"],
    ["no reason", yaml({ reason: " " }), "reason"],
    ["no day", yaml({ expires: "2026-02-30" }), "expires"],
    ["an unknown field", yaml({ forever: true }), "forever"],
  ])("with %s is refused", async (_, text, part) => {
    const { findings } = await check({ texts: { [file]: text } });
    expect(findings).toMatchObject([{ severity: "error", code: "APPROVAL_INVALID", places: [{ file }] }]);
    expect(JSON.stringify(findings)).toContain(part);
  });

  test("is written by `approve`, and counts from then on", async () => {
    const { files, base } = setUp({ texts: noUnused });
    const options = { config: "schema/schema.config.ts", now: new Date(`${today}T12:00:00Z`) };
    const approve = { ...options, changeId: changeIdOf(change), reason: "so: what", expires: "2026-07-01" };
    await runApprove(files, base, approve);
    expect(files.writes).toEqual([`schema/approvals/${changeIdOf(change)}.yaml`]);
    const result = await runCheck(files, base, { config: options.config, failOn: "breaking", today });
    expect(short(result)).toEqual(["hint FIELD_REMOVED Query.unused"]);
    for (const [wrong, message] of [
      [{ changeId: "000000000000" }, "There is no change 000000000000"],
      [{ reason: " " }, "--reason is empty"],
      [{ expires: "soon" }, "is not a day"],
      [{ expires: "2026-06-14" }, "is past"],
    ] as const) {
      await expect(runApprove(files, base, { ...approve, ...wrong })).rejects.toThrow(message);
    }
  });
});

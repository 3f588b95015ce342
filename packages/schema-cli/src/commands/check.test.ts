import { describe, expect, test } from "vitest";
import { changeIdOf } from "../result/change-id.ts";
import type { Result } from "../result/finding.ts";
import { passed } from "../result/finding.ts";
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

  test("says that it could not look where the head or the base does not compose", async () => {
    const broken = { "services/reviews.graphql": reviews.replace("id: ID!", "id: Int!") };
    const head = await check({ texts: broken });
    expect(short(head)).toEqual(["error FIELD_TYPE_MISMATCH"]);
    const outcomes = stepNames.map((name) => (name === "compose" ? "done" : "unchecked"));
    expect(head.steps?.map(({ outcome }) => outcome)).toEqual(outcomes);
    const base = await check({ baseTexts: broken, texts: { "services/reviews.graphql": reviews } });
    expect(base.findings).toEqual([]);
    expect(base.steps?.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(passed(base)).toBe(false);
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

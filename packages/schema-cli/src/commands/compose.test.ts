import { describe, expect, test } from "vitest";
import { UsageError } from "../result/fault.ts";
import { runCompose } from "./compose.ts";
import { memoryFiles } from "./memory-files.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n`;
const products = `${link}type Query { products: [Product!]! }\ntype Product @key(fields: "id") { id: ID! name: String! }\n`;
const reviews = `${link}type Product @key(fields: "id") { id: ID! stars: Int }\n`;

const config = {
  subgraphs: [
    { name: "products", url: "http://localhost:1/graphql", schema: "../services/products.graphql" },
    { name: "reviews", url: "http://localhost:2/graphql", schema: "../services/reviews.graphql" },
  ],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
};

/** A repository with two subgraphs; what is given replaces or adds files. */
function repository(texts: Record<string, string> = {}) {
  return memoryFiles({
    texts: { "services/products.graphql": products, "services/reviews.graphql": reviews, ...texts },
    modules: { "schema/schema.config.ts": config },
  });
}

const options = { config: "schema/schema.config.ts", frozen: false };
const frozen = { ...options, frozen: true };

describe("compose", () => {
  test("writes the supergraph and the API schema, which has none of federation's machinery", async () => {
    const files = repository();
    const result = await runCompose(files, options);
    expect(result.findings).toEqual([]);
    expect(files.texts.get("schema/supergraph.graphql")).toContain(
      '@join__graph(name: "reviews", url: "http://localhost:2/graphql")',
    );
    const api = files.texts.get("schema/api.graphql");
    expect(api).toContain("stars: Int");
    expect(api).not.toMatch(/@key|join__|_entities/);
  });

  test("writes nothing where nothing changed", async () => {
    const files = repository();
    await runCompose(files, options);
    files.writes.length = 0;
    const result = await runCompose(files, options);
    expect(result.done).toContain("nothing changed");
    expect(files.writes).toEqual([]);
  });

  test("writes nothing, and leaves what was there, where composition fails", async () => {
    const files = repository({ "schema/supergraph.graphql": "old" });
    files.texts.set("services/reviews.graphql", reviews.replace("id: ID!", "id: Int!"));
    const result = await runCompose(files, options);
    expect(result.findings[0]?.code).toBe("FIELD_TYPE_MISMATCH");
    expect(files.texts.get("schema/supergraph.graphql")).toBe("old");
  });
});

describe("compose --frozen", () => {
  test("passes on what compose wrote, also where git checked it out with CRLF", async () => {
    const files = repository();
    await runCompose(files, options);
    for (const file of ["schema/supergraph.graphql", "schema/api.graphql", "services/products.graphql"]) {
      files.texts.set(file, `\uFEFF${files.texts.get(file)?.replaceAll("\n", "\r\n")}`);
    }
    expect((await runCompose(files, frozen)).findings).toEqual([]);
  });

  test("fails on a subgraph that changed since, shows the difference and writes nothing", async () => {
    const files = repository();
    await runCompose(files, options);
    files.writes.length = 0;
    files.texts.set("services/reviews.graphql", reviews.replace("stars: Int", "stars: Int!"));
    const result = await runCompose(files, frozen);
    expect(result.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ["OUTPUT_OUT_OF_DATE", "error"],
      ["OUTPUT_OUT_OF_DATE", "error"],
    ]);
    expect(result.findings[1]).toMatchObject({ advice: "npm run schema -- compose" });
    expect(result.findings[1]?.excerpt).toEqual(expect.arrayContaining(["-  stars: Int", "+  stars: Int!"]));
    expect(files.writes).toEqual([]);
  });

  test("fails where a composed file is not there", async () => {
    const result = await runCompose(repository(), frozen);
    expect(result.findings.map(({ code }) => code)).toEqual(["OUTPUT_MISSING", "OUTPUT_MISSING"]);
  });
});

describe("a configuration that is wrong", () => {
  const run = (value: unknown) =>
    runCompose(
      memoryFiles({ modules: value === undefined ? {} : { "schema/schema.config.ts": value } }),
      options,
    );

  test("is refused with all of its faults, each by its path", async () => {
    const [first] = config.subgraphs;
    const error = await run({ subgraphs: [first, { ...first, url: "nowhere" }], output: { api: "" } }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message.split("\n")).toEqual([
      "schema/schema.config.ts is wrong:",
      "  - subgraphs.1.url: must be a URL",
      '  - subgraphs.1.name: "products" is taken already',
      "  - output.supergraph: must be text",
      "  - output.api: must not be empty",
    ]);
  });

  test.each([
    ["two sources", { folder: "a", usage: "b" }, "must have one of folder, manifest and usage"],
    ["no source", {}, "must have one of folder, manifest and usage"],
    ["days of a folder", { folder: "a", days: 3 }, "has days, but no usage"],
    [
      "a usage file that is complete of any time",
      { usage: "a", complete: true },
      "must say of how many days",
    ],
  ])("is refused where a set of operations has %s", async (_, set, message) => {
    await expect(run({ ...config, operations: [{ name: "x", ...set }] })).rejects.toThrow(message);
  });

  test("is refused where it exports nothing", async () => {
    await expect(run(42)).rejects.toThrow("the default export:");
  });

  test("is refused where it is not there", async () => {
    await expect(run(undefined)).rejects.toThrow("There is no configuration schema/schema.config.ts");
  });

  test("is refused with every schema file that it names and that is not there", async () => {
    await expect(run(config)).rejects.toThrow(/products\.graphql \(subgraph products\)\n.*reviews\.graphql/);
  });
});

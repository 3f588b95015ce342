import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { git, products } from "../schema-check/scratch.ts";
import { type Consumer, hasOtherNodes, installConsumer, run, Servers } from "./consumer.ts";

let consumer: Consumer;
const servers = new Servers();
beforeAll(async () => void (consumer = await installConsumer()));
afterEach(() => servers.stop());
afterAll(() => consumer?.remove());

const urlIn = (line: string) => /http:\/\/[^"\s]+/.exec(line)?.[0];

/** Sends a GraphQL operation; gives the status, and the body as JSON. */
async function ask(url: string, query: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.json() };
}

test("an app has one graphql, which is its own, and no package that is in this workspace alone", () => {
  const named = (name: string) => consumer.installed.filter((file) => file.endsWith(`node_modules/${name}`));
  expect(named("graphql")).toEqual(["node_modules/graphql"]);
  expect(named("@apollo/federation-internals")).toHaveLength(1);
  expect(consumer.installed.filter((file) => /@tributary\/[^/]+$/.test(file))).toEqual([
    "node_modules/@tributary/executor",
    "node_modules/@tributary/schema-cli",
    "node_modules/@tributary/subgraph-kit",
  ]);
});

test.each([
  ["node16", "node16", "types.mts"],
  ["esnext", "bundler", "types.mts"],
  ["nodenext", "nodenext", "types.cts"],
])(
  "an app is compiled with --strict, module %s, moduleResolution %s: %s",
  async (module, resolution, file) => {
    const folder = await consumer.createFolder(`types-${resolution}`);
    const options = {
      strict: true,
      noEmit: true,
      target: "es2023",
      types: ["node"],
      module,
      moduleResolution: resolution,
    };
    const files = file === "types.mts" ? [file, "schema.config.ts"] : [file];
    const config = { compilerOptions: options, files };
    await writeFile(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
    await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = path.join(folder, "../node_modules/.bin/tsc");
    expect(await run(tsc, ["--project", "."], { cwd: folder })).toEqual({ code: 0, output: "" });
  },
);

describe.each([
  ["the pinned Node", () => process.execPath],
  ...(hasOtherNodes ? [["Node 22.19", () => consumer.node("22")] as const] : []),
] as const)("with %s", (name, nodePath) => {
  const createFolder = (what: string) => consumer.createFolder(`${what}-${name.replaceAll(/\W/g, "-")}`);
  const cli = (folder: string, ...args: string[]) =>
    run(
      nodePath(),
      [path.join(folder, "../node_modules/.bin/schema"), ...args, "--config", "schema.config.ts"],
      { cwd: folder },
    );

  test("all entries are loaded by import and by require, and are the same", async () => {
    const folder = await createFolder("load");
    const imported = await run(nodePath(), ["load.mjs"], { cwd: folder });
    expect(imported).toMatchObject({
      code: 0,
      output: expect.stringContaining("TributaryGateway") as string,
    });
    expect(await run(nodePath(), ["load.cjs"], { cwd: folder })).toEqual(imported);
  });

  test("the executor runs an operation over two subgraphs, in ES modules and in CommonJS", async () => {
    const folder = await createFolder("executor");
    const subgraphs = await servers.start([nodePath(), "subgraphs.mjs"], folder, {
      // Apollo Server prints lines of its own.
      read: (line) =>
        line.startsWith("{") ? (JSON.parse(line) as Record<"authors" | "books", string>) : undefined,
    });
    const config = {
      subgraphs: Object.entries(subgraphs).map(([each, url]) => ({
        name: each,
        url,
        schema: `${each}.graphql`,
      })),
      output: { supergraph: "supergraph.graphql", api: "api.graphql" },
    };
    await writeFile(path.join(folder, "schema.config.ts"), `export default ${JSON.stringify(config)};\n`);
    expect(await cli(folder, "compose")).toMatchObject({ code: 0 });
    for (const program of ["gateway.mjs", "gateway.cjs"]) {
      const url = await servers.start([nodePath(), program], folder, { env: { PORT: "0" }, read: urlIn });
      // Code is generated for the second time.
      for (const _time of ["first", "second", "third"]) {
        expect(await ask(url, "{ books { title author { name } } }")).toEqual({
          status: 200,
          body: {
            data: {
              books: [
                { title: "Middlemarch", author: { name: "George Eliot" } },
                { title: "Frankenstein", author: { name: "Mary Shelley" } },
              ],
            },
          },
        });
      }
    }
  });

  test("a subgraph of the kit answers its gateway, and nobody else", async () => {
    const folder = await createFolder("subgraph");
    const { code, output: token } = await run(nodePath(), ["keys.mjs"], { cwd: folder });
    expect(code).toBe(0);
    const url = await servers.start([nodePath(), "subgraph.mjs"], folder, {
      env: { IDENTITY_JWKS: "keys.json" },
      read: urlIn,
    });
    const query = '{ book(isbn: "1") { title } }';
    expect(await ask(`${url}/graphql`, query, { authorization: `Bearer ${token.trim()}` })).toEqual({
      status: 200,
      body: { data: { book: { title: "Middlemarch" } } },
    });
    expect(await ask(`${url}/graphql`, query)).toMatchObject({ status: 401 });
  });

  test("the schema CLI composes and checks", async () => {
    const folder = await createFolder("schema");
    await writeFile(path.join(folder, "products.graphql"), products);
    expect(await cli(folder, "compose")).toMatchObject({ code: 0 });
    git(folder, "init", "--quiet", "--initial-branch=main");
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "-m", "a commit");
    await writeFile(path.join(folder, "products.graphql"), products.replace("  name: String\n", ""));
    const found = /FIELD_REMOVED Product\.name[\s\S]*products\.graphql:6:3 \(base\)/;
    expect(await cli(folder, "check")).toMatchObject({
      code: 1,
      output: expect.stringMatching(found) as string,
    });
    expect(await cli(folder, "compose", "--frozen")).toMatchObject({
      code: 1,
      output: expect.stringContaining("OUTPUT_OUT_OF_DATE") as string,
    });
  });
});

describe.runIf(hasOtherNodes)("with Node 20, which is too old", () => {
  const line = (name: string) => `@tributary/${name} needs Node 22.19 or later, and this is 20.18.0`;

  test.each(["executor", "subgraph-kit", "subgraph-kit/identity", "schema-cli"])(
    "%s says so in a line, without a stack",
    async (entry) => {
      const folder = await consumer.createFolder(`old-${entry.replaceAll("/", "-")}`);
      const text = line(entry.split("/")[0]!);
      await writeFile(path.join(folder, "import.mjs"), `import "@tributary/${entry}";\n`);
      await writeFile(path.join(folder, "require.cjs"), `require("@tributary/${entry}");\n`);
      for (const program of ["import.mjs", "require.cjs"]) {
        const { code, output } = await run(consumer.node("20"), [program], { cwd: folder });
        expect(code).toBe(1);
        expect(output).toContain(text);
        expect(output).not.toMatch(/^\s+at /m);
      }
    },
  );

  test("an app that uses what the executor exports gets the same line", async () => {
    const folder = await consumer.createFolder("old-app");
    const { code, output } = await run(consumer.node("20"), ["load.mjs"], { cwd: folder });
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining(line("executor")) as string,
    });
  });

  test("the command `schema` prints the line alone, and exits with 2", async () => {
    const folder = await consumer.createFolder("old-schema");
    const schema = path.join(folder, "../node_modules/.bin/schema");
    expect(await run(consumer.node("20"), [schema, "check"], { cwd: folder })).toEqual({
      code: 2,
      output: `${line("schema-cli")}\n`,
    });
  });
});

test("a package has its licence and a README, and neither tests nor fixtures nor sources of TypeScript", async () => {
  const folder = await consumer.createFolder("contents");
  for (const name of ["executor", "subgraph-kit", "schema-cli"]) {
    const installed = path.join(folder, "../node_modules/@tributary", name);
    const files = await readdir(installed, { recursive: true });
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "entries/index.d.ts"]));
    expect(files.filter((file) => /\.(test|fixture|bench)\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const texts = await Promise.all(
      files
        .filter((file) => /\.(js|d\.ts)$/.test(file))
        .map((file) => readFile(path.join(installed, file), "utf8")),
    );
    expect(texts.filter((text) => /(from|import) ?\(?"\.[^"]*\.ts"/.test(text))).toEqual([]);
  }
});

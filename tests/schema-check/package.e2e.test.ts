import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { git, products, root, shellEnvironment } from "./scratch.ts";

const source = path.join(root, "packages/schema-cli");
const execute = promisify(execFile);

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), "schema-package-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Packs the CLI and unpacks it where npm would install it, with its dependencies as they are here. */
async function install(): Promise<string> {
  const env = shellEnvironment(folder);
  await execute("npm", ["pack", "--pack-destination", folder], { cwd: source, env });
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz")) ?? "";
  const installed = path.join(folder, "node_modules/@tributary/schema-cli");
  await mkdir(installed, { recursive: true });
  await execute("tar", ["-xzf", path.join(folder, tarball), "-C", installed, "--strip-components=1"]);
  const { dependencies } = JSON.parse(await readFile(path.join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const found = findPackageJSON(name, pathToFileURL(path.join(source, "src/main.ts")));
    const link = path.join(folder, "node_modules", name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.dirname(found ?? ""), link);
  }
  return path.join(installed, "bin/schema.mjs");
}

test("the packed CLI works on another repository, through a typed configuration of its own", async () => {
  const bin = await install();
  const schema = (...args: string[]): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [bin, ...args],
        { cwd: folder, env: shellEnvironment(folder) },
        (error, out, err) => resolve({ code: Number(error?.code ?? 0), output: out + err }),
      );
    });
  const write = (file: string, text: string) => writeFile(path.join(folder, file), text);
  await write(".gitignore", "node_modules\n*.tgz\n.npm\n");
  await write("products.graphql", products);
  await write(
    "schema.config.ts",
    `import type { SchemaConfig } from "@tributary/schema-cli";
export default {
  subgraphs: [{ name: "products", url: "http://localhost/products", schema: "products.graphql" }],
  output: { supergraph: "supergraph.graphql", api: "api.graphql" },
  lint: { rules: { "require-description": ["warn", { types: true }] } },
} satisfies SchemaConfig;\n`,
  );
  const config = ["--config", "schema.config.ts"];
  expect(await schema("compose", ...config)).toMatchObject({ code: 0 });
  git(folder, "init", "--quiet", "--initial-branch=main");
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "-m", "a commit");
  await write("products.graphql", products.replace("  name: String\n", ""));
  expect(await schema("check", ...config)).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /FIELD_REMOVED Product\.name[\s\S]*products\.graphql:6:3 \(base\)/,
    ) as string,
  });
  expect(await schema("compose", "--frozen", ...config)).toMatchObject({
    code: 1,
    output: expect.stringContaining("OUTPUT_OUT_OF_DATE") as string,
  });
});

/**
 * Compiles the package that it runs in to JavaScript: src/main.ts -> dist/main.js, module by module, so that files
 * beside the package are found by the same relative paths. `node dist/main.js` starts it.
 *
 * What is imported of other packages of the workspace is compiled along; packages of the registry stay dependencies.
 */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "rolldown";

const output = path.resolve("dist");

/**
 * Says whether an import is left to Node. A package that another one of the workspace imports is looked up from
 * dist/ then, and has to be the same there: npm may have installed two versions of it.
 *
 * @throws {Error} where it is not the same
 */
function isExternal(id: string, importer: string | undefined): boolean {
  if (id.startsWith(".") || path.isAbsolute(id) || id.startsWith("@tributary/")) return false;
  if (importer === undefined || id.startsWith("node:")) return true;
  const [meant, found] = [importer, path.join(output, "main.js")].map((file) =>
    findPackageJSON(id, pathToFileURL(file)),
  );
  if (meant === found) return true;
  throw new Error(`${importer} imports ${id} from ${meant}, which would be ${found} in dist/`);
}

/** What is run in threads of its own, and so imported by nobody, by the package that it is part of. */
const threads: Readonly<Record<string, string>> = {
  "@tributary/executor": "@tributary/executor/planning-thread",
};
const { dependencies = {} } = JSON.parse(readFileSync("package.json", "utf8")) as {
  dependencies?: Readonly<Record<string, string>>;
};
const threadEntries = Object.keys(dependencies).flatMap((name) => threads[name] ?? []);

await build({
  input: ["src/main.ts", ...threadEntries.map((entry) => fileURLToPath(import.meta.resolve(entry)))],
  platform: "node",
  external: isExternal,
  output: {
    dir: output,
    format: "esm",
    preserveModules: true,
    preserveModulesRoot: path.resolve("src"),
    sourcemap: true,
  },
});

import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { entryFiles } from "./package-entries.ts";
import { entriesOf, type Manifest, publishedManifest } from "./package-manifest.ts";

const execute = promisify(execFile);
const root = path.dirname(import.meta.dirname);
const shell = process.platform === "win32";
/** How long a compiler or npm may take, in milliseconds. Both need seconds. */
const LIMIT = 120_000;

/**
 * Builds a package of the workspace as it is published, and packs it.
 *
 * @param name the folder's name in `packages/`
 * @param output the folder that gets the package's folder, named like it, and its tarball
 * @returns the path of the tarball
 * @throws {Error} with what the compiler said, or that says why the package could not be installed elsewhere
 */
export async function packPackage(name: string, output: string): Promise<string> {
  const source = path.join(root, "packages", name);
  const folder = path.join(output, name);
  const manifest = JSON.parse(await readFile(path.join(source, "package.json"), "utf8")) as Manifest;
  const published = publishedManifest(manifest);

  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, "entries"), { recursive: true });
  await compile(source, folder, manifest);
  for (const [file, text] of entryFiles(manifest, entriesOf(manifest))) {
    await writeFile(path.join(folder, "entries", file), text);
  }
  if (manifest.bin !== undefined)
    await cp(path.join(source, "bin"), path.join(folder, "bin"), { recursive: true });
  await cp(path.join(source, "README.md"), path.join(folder, "README.md"));
  await cp(path.join(root, "LICENSE"), path.join(folder, "LICENSE"));
  await writeFile(path.join(folder, "package.json"), `${JSON.stringify(published, null, 2)}\n`);

  const { stdout } = await execute(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", output],
    {
      cwd: folder,
      shell,
      timeout: LIMIT,
    },
  );
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  return path.join(output, packed.filename);
}

/**
 * Compiles what a package's entries and its program (`src/main.ts`) reach, and nothing else, to `dist/`: no tests get there.
 */
async function compile(source: string, folder: string, manifest: Manifest): Promise<void> {
  const files = entriesOf(manifest).map((entry) => path.join(source, entry.source));
  if (manifest.bin !== undefined) files.push(path.join(source, "src/main.ts"));
  const dist = path.join(folder, "dist");
  const config = path.join(folder, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    noEmitOnError: true,
    declaration: true,
    sourceMap: true,
    inlineSources: true,
    allowImportingTsExtensions: false,
    rewriteRelativeImportExtensions: true,
    rootDir: path.join(source, "src"),
    outDir: dist,
    typeRoots: [path.join(root, "node_modules/@types")],
  };
  const settings = { extends: path.join(root, "tsconfig.json"), compilerOptions, files, include: [] };
  await writeFile(config, JSON.stringify(settings));
  const tsc = path.join(root, "node_modules/.bin/tsc");
  try {
    await execute(tsc, ["--project", config], { shell, timeout: LIMIT });
  } catch (error) {
    const { stdout = "", message } = error as Error & { stdout?: string };
    throw new Error(`${manifest.name} does not compile:\n${stdout.trim() || message}`, { cause: error });
  }
  await rm(config);
  await renameImports(dist);
}

/** Makes declarations import compiled modules, as JavaScript does; the compiler leaves them the sources' names. */
async function renameImports(dist: string): Promise<void> {
  for (const file of await readdir(dist, { recursive: true })) {
    if (!file.endsWith(".d.ts")) continue;
    const text = await readFile(path.join(dist, file), "utf8");
    const renamed = text.replaceAll(/(\bfrom |\bimport\(|\bimport )"(\.{1,2}\/[^"]+)\.ts"/g, '$1"$2.js"');
    await writeFile(path.join(dist, file), renamed);
  }
}

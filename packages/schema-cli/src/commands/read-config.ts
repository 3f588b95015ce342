import path from "node:path";
import { type SchemaConfig, parseSchemaConfig } from "../config/schema-config.ts";
import { UsageError } from "../result/fault.ts";
import type { SourceFile, SubgraphSource } from "../steps/parse-subgraphs.ts";
import type { ReadableFiles } from "./files.ts";

/**
 * Reads the configuration; the paths in what it returns are from where the command runs, with `/` on any system.
 *
 * @throws {UsageError} where it is wrong or not there
 */
export async function readConfig(files: ReadableFiles, file: string): Promise<SchemaConfig> {
  const value = await files.load(file);
  if (value === null) throw new UsageError(`There is no configuration ${file}; --config names another.`);
  const parsed = parseSchemaConfig(value);
  if ("faults" in parsed) {
    throw new UsageError(`${file} is wrong:\n${parsed.faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
  const { subgraphs, output, operations, approvals, ...rest } = parsed.config;
  const from = (relative: string) => path.join(path.dirname(file), relative).replaceAll(path.sep, "/");
  return {
    ...rest,
    subgraphs: subgraphs.map((subgraph) => ({ ...subgraph, schema: [subgraph.schema].flat().map(from) })),
    output: { supergraph: from(output.supergraph), api: from(output.api) },
    ...(operations === undefined
      ? {}
      : {
          operations: operations.map(({ folder, manifest, usage, ...set }) => ({
            ...set,
            ...(folder === undefined ? {} : { folder: from(folder) }),
            ...(manifest === undefined ? {} : { manifest: from(manifest) }),
            ...(usage === undefined ? {} : { usage: from(usage) }),
          })),
        }),
    ...(approvals === undefined ? {} : { approvals: from(approvals) }),
  };
}

/**
 * Reads the SDL of every subgraph.
 *
 * @throws {UsageError} that names every file which is not there, and every pattern that no file fits
 */
export async function readSubgraphs(
  files: ReadableFiles,
  subgraphs: SchemaConfig["subgraphs"],
): Promise<SubgraphSource[]> {
  const missing: string[] = [];
  const sources = await Promise.all(
    subgraphs.map(async ({ name, url, schema }) => ({
      name,
      url,
      files: await readFiles(files, schema, (pattern) => missing.push(`  - ${pattern} (subgraph ${name})`)),
    })),
  );
  if (missing.length > 0) {
    throw new UsageError(`The configuration names files that are not there:\n${missing.join("\n")}`);
  }
  return sources;
}

/** Reads the SDL of the subgraphs that are there. */
export async function readPresentSubgraphs(
  files: ReadableFiles,
  subgraphs: SchemaConfig["subgraphs"],
): Promise<SubgraphSource[]> {
  const sources = await Promise.all(
    subgraphs.map(async ({ name, url, schema }) => ({
      name,
      url,
      files: await readFiles(files, schema, () => {}),
    })),
  );
  return sources.filter((source) => source.files.length > 0);
}

/** The files that subgraphs are read from, and the folders of those that are found by a pattern. */
export function schemaPaths(subgraphs: SchemaConfig["subgraphs"]): string[] {
  return subgraphs.flatMap(({ schema }) => [schema].flat().map((each) => folderOf(each) ?? each));
}

async function readFiles(
  files: ReadableFiles,
  schema: string | string[],
  onMissing: (pattern: string) => void,
): Promise<SourceFile[]> {
  const found = new Map<string, string>();
  for (const pattern of [schema].flat()) {
    const names = await namesOf(files, pattern);
    const texts = await Promise.all(names.map((name) => files.read(name)));
    if (texts.every((text) => text === null)) onMissing(pattern);
    for (const [index, name] of names.entries()) {
      const sdl = texts[index] ?? null;
      if (sdl !== null) found.set(name, sdl);
    }
  }
  return [...found].map(([file, sdl]) => ({ file, sdl }));
}

/** The files that fit a pattern, sorted; those in `node_modules` and in hidden folders do not, as git has none there. */
async function namesOf(files: ReadableFiles, pattern: string): Promise<string[]> {
  const folder = folderOf(pattern);
  if (folder === null) return [pattern];
  const start = folder === "." ? "" : `${folder}/`;
  const rest = pattern.slice(start.length);
  return (await files.list(folder))
    .filter((name) => {
      const below = name.slice(start.length);
      return !/(^|\/)(node_modules\/|\.)/.test(below) && path.posix.matchesGlob(below, rest);
    })
    .sort();
}

/** The folder that a pattern looks below; null for the name of a file. */
function folderOf(pattern: string): string | null {
  const parts = pattern.split("/");
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  if (first === -1) return null;
  return first === 0 ? "." : parts.slice(0, first).join("/");
}

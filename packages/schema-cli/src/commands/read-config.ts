import path from "node:path";
import { type SchemaConfig, parseSchemaConfig } from "../config/schema-config.ts";
import { UsageError } from "../result/fault.ts";
import type { SubgraphSource } from "../steps/parse-subgraphs.ts";
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
    subgraphs: subgraphs.map((subgraph) => ({ ...subgraph, schema: from(subgraph.schema) })),
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
 * @throws {UsageError} that names every file which is not there
 */
export async function readSubgraphs(
  files: ReadableFiles,
  subgraphs: SchemaConfig["subgraphs"],
): Promise<SubgraphSource[]> {
  const missing: string[] = [];
  const sources: SubgraphSource[] = [];
  const texts = await Promise.all(subgraphs.map(({ schema }) => files.read(schema)));
  for (const [index, { name, url, schema }] of subgraphs.entries()) {
    const sdl = texts[index] ?? null;
    if (sdl === null) missing.push(`  - ${schema} (subgraph ${name})`);
    else sources.push({ name, url, file: schema, sdl });
  }
  if (missing.length > 0) {
    throw new UsageError(`The configuration names files that are not there:\n${missing.join("\n")}`);
  }
  return sources;
}

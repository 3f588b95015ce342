import path from "node:path";
import { type SchemaConfig, parseSchemaConfig } from "../config/schema-config.ts";
import { UsageError } from "../result/fault.ts";
import { type Result, passed, resultVersion } from "../result/finding.ts";
import { plural } from "../result/plural.ts";
import { compareOutput } from "../steps/compare-output.ts";
import { compose } from "../steps/compose.ts";
import { type SubgraphSource, parseSubgraphs } from "../steps/parse-subgraphs.ts";
import type { Files } from "./files.ts";

export interface ComposeOptions {
  /** The configuration file. */
  config: string;
  /** Writes nothing; a committed file that is not up to date is an error instead. */
  frozen: boolean;
}

/**
 * Composes the subgraphs that the configuration names, and writes what changed of the two composed schemas.
 *
 * @throws {UsageError} where the configuration is wrong or names a file that is not there
 */
export async function runCompose(files: Files, options: ComposeOptions): Promise<Result> {
  const { subgraphs, output } = await readConfig(files, options.config);
  const sources = await readSubgraphs(files, subgraphs);

  const parsed = parseSubgraphs(sources);
  const result: Result = {
    version: resultVersion,
    command: "compose",
    findings: parsed.findings,
    done: [plural(sources.length, "subgraph")],
  };
  if (!passed(result)) return result;

  const { composed, findings } = compose(parsed.subgraphs);
  result.findings.push(...findings);
  if (composed === null) return result;

  const outputs = [
    {
      file: output.supergraph,
      committed: await files.read(output.supergraph),
      composed: composed.supergraph,
    },
    { file: output.api, committed: await files.read(output.api), composed: composed.api },
  ];
  const stale = compareOutput(outputs);
  if (options.frozen) {
    result.findings.push(...stale);
    if (stale.length === 0) result.done.push("the committed schemas are up to date");
    return result;
  }
  const changed = outputs.filter(({ file }) => stale.some(({ places }) => places[0]?.file === file));
  for (const { file, composed: text } of changed) await files.write(file, text);
  result.done.push(
    changed.length === 0 ? "nothing changed" : `wrote ${changed.map(({ file }) => file).join(" and ")}`,
  );
  return result;
}

/** Reads the configuration; the paths in what it returns are from where the command runs, with `/` on any system. */
async function readConfig(files: Files, file: string): Promise<SchemaConfig> {
  const value = await files.load(file);
  if (value === null) throw new UsageError(`There is no configuration ${file}; --config names another.`);
  const parsed = parseSchemaConfig(value);
  if ("faults" in parsed) {
    throw new UsageError(`${file} is wrong:\n${parsed.faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
  const { subgraphs, output } = parsed.config;
  const from = (relative: string) => path.join(path.dirname(file), relative).replaceAll(path.sep, "/");
  return {
    subgraphs: subgraphs.map((subgraph) => ({ ...subgraph, schema: from(subgraph.schema) })),
    output: { supergraph: from(output.supergraph), api: from(output.api) },
  };
}

async function readSubgraphs(files: Files, subgraphs: SchemaConfig["subgraphs"]): Promise<SubgraphSource[]> {
  const missing: string[] = [];
  const sources: SubgraphSource[] = [];
  for (const { name, url, schema } of subgraphs) {
    const sdl = await files.read(schema);
    if (sdl === null) missing.push(`  - ${schema} (subgraph ${name})`);
    else sources.push({ name, url, file: schema, sdl });
  }
  if (missing.length > 0) {
    throw new UsageError(`The configuration names files that are not there:\n${missing.join("\n")}`);
  }
  return sources;
}
